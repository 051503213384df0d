"""What a dataclass declares of its fields: their types and their defaults."""

from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any, cast, get_type_hints


@cache
def hints_of(kind: type) -> dict[str, Any]:
    """The type of every field of a dataclass."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in fields(cast(Any, kind))}


def default_of(field: "Field[Any]") -> Any:
    """The default of a field, or MISSING."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default
