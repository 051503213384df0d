"""Changes to a recipe by the place of a field: `optimizer.momentum` = 0.95.

A change of a field inside a table keeps the table's other fields. A table of another
`kind` starts from that kind's defaults, and a text in place of a table is its kind:
`optimizer` = "adamw". The text "none" empties an optional field.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from rexpand.codec import from_content, to_content
from rexpand.documents.parsing import parsed_toml
from rexpand.errors import SpecError, quoted

Recipe = TypeVar("Recipe")


@dataclass(frozen=True, kw_only=True)
class Change:
    """A field of a recipe, by its place, and its new value as decoded TOML."""

    place: str
    value: Any

    @classmethod
    def parse(cls, text: str) -> "Change":
        """The change of `optimizer.momentum=0.95`; a text needs no quotation marks.

        Raises SpecError for a text that is no such pair.
        """
        place, equals, value = (part.strip() for part in text.partition("="))
        if not (equals and value and all(place.split("."))):
            raise SpecError(
                f"{quoted(text)} is not a change of a recipe; write FIELD=VALUE, such as "
                "optimizer.momentum=0.95"
            )
        return cls(place=place, value=_value(value))

    def content(self) -> Any:
        """The tables that have nothing but this field."""
        content = self.value
        for name in reversed(self.place.split(".")):
            content = {name: content}
        return content


def changed(recipe: Recipe, changes: Sequence[Change], what: str = "recipe") -> Recipe:
    """The recipe, or another value, after each change in turn; messages call it `what`.

    Raises SpecError for an unknown field, or a value that it cannot have.
    """
    content = to_content(recipe)
    for change in changes:
        content = laid_over(content, change.content())
    try:
        return from_content(type(recipe), content)
    except ValueError as error:
        raise SpecError(f"{what}: {error}") from None


def laid_over(old: Any, new: Any) -> Any:
    """Content with other content over it, as the module's docstring says."""
    if new == "none":
        return None
    if not isinstance(old, Mapping):
        return _without_none(new)
    if isinstance(new, str):
        new = {"kind": new}
    if not isinstance(new, Mapping):
        return new
    if new.get("kind", old.get("kind")) != old.get("kind"):
        return _without_none(new)
    return {
        **old,
        **{name: laid_over(old.get(name), each) for name, each in new.items()},
    }


def _without_none(content: Any) -> Any:
    """New content, where "none" is an empty field too."""
    if not isinstance(content, Mapping):
        return content
    return {name: laid_over(None, each) for name, each in content.items()}


def _value(text: str) -> Any:
    """A number, true, false or a list as TOML writes it; any other text as it is."""
    try:
        found = parsed_toml(f"value = {text}")["value"]
    except ValueError:
        return text
    return found if isinstance(found, str | int | float | list) else text
