"""Content to dataclasses: every key, type and value checked."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from inspect import isabstract
from math import isfinite
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)

from rexpand.allowed import Allowed
from rexpand.codec.declared import default_of, hints_of
from rexpand.errors import nearest, quoted

Value = TypeVar("Value")

_MOST_WHOLE = 2**63 - 1  # what numpy's and torch's integers hold
_MOST_UNKNOWN = 3  # unknown keys that a message lists
_SCALARS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def check_version(found: object, read: object) -> None:
    """Raise ValueError unless a format has the version that this rexpand reads."""
    if found != read or isinstance(found, bool):
        raise ValueError(
            f"it has version {quoted(found)}, this rexpand reads {read}; open it with the "
            "rexpand that wrote it, or make it anew"
        )


def from_content(kind: type[Value], content: Any, place: str = "") -> Value:
    """The value that decoded JSON or TOML describes; `place` is its place there.

    Raises ValueError with one clause per mistake.
    """
    return cast(Value, _read(kind, content, place))


def _read(kind: Any, content: Any, place: str) -> Any:
    if kind in _SCALARS:
        return _scalar(kind, content, place)
    origin, arguments = _form(kind)
    if origin is None and isabstract(kind):
        return _tagged(_concrete(kind), content, place)
    if origin is None and is_dataclass(kind):
        return _dataclass(cast(type, kind), content, place)
    if origin is Annotated:
        return _allowed(arguments, content, place)
    if origin in (Union, UnionType):
        return _union(arguments, content, place)
    if origin is Literal:
        if not _is_one_of(content, arguments):
            names = ", ".join(map(str, arguments))
            raise ValueError(_wrong(place, content, f"choose from {names}"))
        return content
    if origin is tuple:
        return _tuple(arguments, content, place)
    if origin in (Mapping, dict):
        return _mapping(arguments[1], content, place)
    assert kind in (Any, object), f"the codec knows no {kind}"
    return content


@cache
def _form(kind: Any) -> tuple[Any, tuple[Any, ...]]:
    """What a type is made of, as `typing` tells it, slowly."""
    return get_origin(kind), get_args(kind)


def _is_one_of(content: Any, choices: Sequence[Any]) -> bool:
    """Whether content is a choice, and of its type: true is not 1."""
    return any(type(content) is type(each) and content == each for each in choices)


def _scalar(kind: type, content: Any, place: str) -> Any:
    found = _typed(kind, content, place)
    if kind is float and not isfinite(found):
        raise ValueError(_wrong(place, content, "give a finite number"))
    if kind is int and not -_MOST_WHOLE <= found <= _MOST_WHOLE:
        raise ValueError(_wrong(place, content, "give a smaller number"))
    return found


def _allowed(arguments: Sequence[Any], content: Any, place: str) -> Any:
    """A scalar whose annotation says what it may be."""
    kind, *marks = arguments
    found = _typed(kind, content, place)
    for mark in marks:
        if isinstance(mark, Allowed) and found not in mark:
            raise ValueError(f"{place or 'it'} {mark.clause(content)}")
    return found


def _typed(kind: type, content: Any, place: str) -> Any:
    is_whole = kind is float and type(content) is int
    if type(content) is not kind and not is_whole:
        raise ValueError(_wrong(place, content, f"give {_SCALARS[kind]}"))
    try:
        return kind(content)
    except OverflowError:  # a whole number beyond all floats
        raise ValueError(_wrong(place, content, "give a finite number")) from None


def _dataclass(kind: type, content: Any, place: str) -> Any:
    if not isinstance(content, Mapping):
        raise ValueError(f"{place or 'it'} is not a table of fields")
    hints = hints_of(kind)
    missing = [name for name in _needed(kind) if name not in content]
    clauses = [f"missing key {_inside(place, name)}" for name in missing]
    unknown = [name for name in content if name not in hints]
    clauses += [_unknown(kind, name, place) for name in unknown[:_MOST_UNKNOWN]]
    values = {}
    for name in (name for name in hints if name in content):
        try:
            values[name] = _read(hints[name], content[name], _inside(place, name))
        except ValueError as error:
            clauses.append(str(error))
    if clauses:
        raise ValueError("; ".join(clauses))
    try:
        return kind(**values)
    except ValueError as error:
        raise ValueError(f"{place}: {error}" if place else str(error)) from None


@cache
def _needed(kind: type) -> tuple[str, ...]:
    """The fields of a dataclass without a default."""
    return tuple(each.name for each in fields(kind) if default_of(each) is MISSING)


def _union(kinds: Sequence[Any], content: Any, place: str) -> Any:
    """An optional value, one of several dataclasses, or of scalars and a dataclass."""
    if content is None and type(None) in kinds:
        return None
    left = [kind for kind in kinds if kind is not type(None)]
    if len(left) > 1 and all(map(is_dataclass, left)):
        return _tagged(left, content, place)
    fitting = [kind for kind in left if _fits(kind, content)]
    return _read((fitting or left)[0], content, place)


def _fits(kind: Any, content: Any) -> bool:
    """Whether content is of a scalar type, a table, or one of the names to choose from."""
    origin, arguments = _form(kind)
    if origin is Literal:
        return _is_one_of(content, arguments)
    if is_dataclass(kind):
        return isinstance(content, Mapping)
    bare = arguments[0] if origin is Annotated else kind
    return type(content) is bare


def _tagged(kinds: Sequence[Any], content: Any, place: str) -> Any:
    """One of several dataclasses, by its `kind`; one of them may have none."""
    if not isinstance(content, Mapping):
        raise ValueError(f"{place or 'it'} is not a table of fields")
    named = {_kind_of(each): each for each in kinds}
    found = content.get("kind")
    if not isinstance(found, str | None) or found not in named:
        names = ", ".join(sorted(name for name in named if name))
        raise ValueError(
            f"{place or 'it'} has kind {quoted(found)}; choose from {names}"
        )
    return _read(named[found], content, place)


def _kind_of(kind: Any) -> str | None:
    """The `kind` by which a dataclass is told from the others of a union."""
    found = (default_of(field) for field in fields(kind) if field.name == "kind")
    return next(found, None)


def _concrete(kind: type) -> list[type]:
    """The subclasses of an abstract class that are not abstract themselves."""
    below: list[type] = kind.__subclasses__()
    deeper = [each for one in below for each in _concrete(one)]
    return [*(each for each in below if not isabstract(each)), *deeper]


def _tuple(kinds: Sequence[Any], content: Any, place: str) -> tuple[Any, ...]:
    if not isinstance(content, list | tuple):
        raise ValueError(f"{place or 'it'} is not a list")
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        kinds = [kinds[0]] * len(content)
    if len(kinds) != len(content):
        raise ValueError(_wrong(place, content, f"give a list of {len(kinds)}"))
    pairs = enumerate(zip(kinds, content, strict=True))
    return tuple(
        _read(kind, each, f"{place}[{index}]") for index, (kind, each) in pairs
    )


def _mapping(kind: Any, content: Any, place: str) -> dict[str, Any]:
    if not isinstance(content, Mapping):
        raise ValueError(f"{place or 'it'} is not a table")
    return {
        name: _read(kind, each, _inside(place, name)) for name, each in content.items()
    }


def _unknown(kind: type, name: str, place: str) -> str:
    """The clause for an unknown key, with the nearest one here or one level below."""
    known = {each: each for each in hints_of(kind)}
    for field, hint in hints_of(kind).items():
        for below in get_args(hint) or (hint,):
            if is_dataclass(below):
                inner = hints_of(cast(type, below))
                known |= {
                    each: f"{field}.{each}" for each in inner if each not in known
                }
    near = [known[each] for each in nearest(name, known, count=1)]
    hint = f"; the nearest is {near[0]}" if near else ""
    return f"unknown key {_inside(place, name)}{hint}"


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _wrong(place: str, content: Any, way_out: str) -> str:
    return f"{place or 'it'} is {quoted(content)}; {way_out}"
