"""The fields of a recipe as docs/recipe_fields.md shows them, derived from the dataclasses."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

from rexpand.allowed import Range
from rexpand.recipe import DetectionRecipe, Recipe


@dataclass(frozen=True, kw_only=True)
class Row:
    """A field by its path, with its default and what it may be, as text."""

    path: str
    default: str
    values: str


def rows(kind: type = Recipe, table: str = "") -> Iterator[tuple[str, Row]]:
    """Each field with the heading of its table: `optimizer, kind = "sgd"`."""
    hints = get_type_hints(kind, include_extras=True)
    named = {f.name: f for f in fields(kind)}
    heading = f"`{table}`" if table else "The recipe"
    if "kind" in named:
        heading += f', kind = "{named.pop("kind").default}"'
    prefix, inner = f"{table}." if table else "", []
    for name, found in named.items():
        tables = [t for t in _members(hints[name]) if is_dataclass(t)]
        inner += [(each, prefix + name) for each in tables]
        if len(_members(hints[name])) > 1 or not tables:
            values = "a table" if tables else _values(hints[name])
            row = Row(path=prefix + name, default=_default(found), values=values)
            yield heading, row
    for each, name in inner:
        yield from rows(each, name)


def detector_rows() -> Iterator[tuple[str, Row]]:
    """Those of a detector's recipe that are not the same in a network's."""
    known = set(rows())
    for heading, row in rows(DetectionRecipe):
        if (heading, row) not in known:
            yield f"A detector's {heading.removeprefix('The ')}", row


def _members(hint: Any) -> tuple[Any, ...]:
    """The types of a union, or the one type."""
    is_union = get_origin(hint) not in (Annotated, Literal, tuple, None)
    return get_args(hint) if is_union else (hint,)


def _default(found: "Field[Any]") -> str:
    if found.default_factory is not MISSING:
        return f'kind = "{getattr(found.default_factory(), "kind", "")}"'
    if found.default is MISSING:
        return "none: must be given"
    return _text(found.default)


def _text(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _values(hint: Any) -> str:
    found = []
    for member in _members(hint):
        if get_origin(member) is Annotated:
            found += [str(each) for each in get_args(member) if isinstance(each, Range)]
        elif get_origin(member) is Literal:
            found.append(", ".join(get_args(member)))
        elif get_origin(member) is tuple:
            found.append(f"several, each {_values(get_args(member)[0])}")
        elif member is type(None):
            found.append("or empty")
        else:
            found.append({bool: "true, false"}[member])
    return " ".join(found)
