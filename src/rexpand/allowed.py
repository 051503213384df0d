"""What a field or an option may be: a number of a range, a line of text, a name.

A field says it in its annotation:

    epochs: Annotated[int, EPOCHS]

The codec checks such a field when it reads a file. `check_fields` checks it where a
dataclass is made. The ranges themselves are in `rexpand.ranges`.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from math import inf, nextafter
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from rexpand.errors import MistakeError, quoted


class Allowed(ABC):
    """The values that a field may have."""

    @abstractmethod
    def __contains__(self, value: object) -> bool:
        """Whether a field may have a value; never for one of another type."""

    @abstractmethod
    def clause(self, value: object) -> str:
        """The clause that refuses a value: `is 1000000000; give 1 to 8192`."""

    def check(
        self, what: str, value: object, error: type[MistakeError] = MistakeError
    ) -> None:
        """Raise `error` unless the value is allowed; `what` names it."""
        if value not in self:
            raise error(f"{what} {self.clause(value)}")


@dataclass(frozen=True, kw_only=True)
class Range(Allowed):
    """The numbers from `least` to `most`, whole ones unless `is_whole` is false.

    `above` and `below` leave out `least` and `most` themselves; `or_nan` is for what a
    diverged training gives.
    """

    least: float
    most: float
    is_whole: bool = True
    above: bool = False
    below: bool = False
    or_nan: bool = False

    def __contains__(self, value: object) -> bool:
        """Whether a value is a number in the range: True and "3" never are."""
        number = type(value)
        if number is not int and (self.is_whole or not isinstance(value, float)):
            return False
        known = cast(float, value)
        if not self.least <= known <= self.most:  # nan neither
            return self.or_nan and known != known
        return not (self.above and known == self.least) and not (
            self.below and known == self.most
        )

    def __str__(self) -> str:
        """What to give instead, as a message says it: `1 to 8192`."""
        if self.above or self.below:
            least = f"{'more than' if self.above else 'at least'} {self.least:.12g}"
            most = f"{'less than' if self.below else 'at most'} {self.most:.12g}"
            return f"{least} and {most}"
        if self.is_whole:
            return f"{self.least} to {self.most}"
        return f"{self.least:.12g} to {self.most:.12g}"

    def clause(self, value: object) -> str:
        wrong_kind = not isinstance(value, int | float) or isinstance(value, bool)
        if wrong_kind or (self.is_whole and not isinstance(value, int)):
            what = "a whole number, " if self.is_whole else "a number, "
            return f"is {quoted(value)}; give {what}{self}"
        return f"is {quoted(value)}; give {self}"


@dataclass(frozen=True, kw_only=True)
class Line(Allowed):
    """One printable line of at most `longest` characters, none of them in `without`."""

    longest: int
    without: str = ""

    def __contains__(self, value: object) -> bool:
        return (
            isinstance(value, str)
            and 1 <= len(value) <= self.longest
            and value.isprintable()
            and not value.isspace()
            and not any(each in value for each in self.without)
        )

    def clause(self, value: object) -> str:
        if isinstance(value, str) and len(value) > self.longest:
            return (
                f"is {quoted(value)}, of {len(value)} characters; "
                f"give at most {self.longest}"
            )
        without = f" without {' or '.join(self.without)}" if self.without else ""
        return f"is {quoted(value)}; give a short printable line{without}"


@dataclass(frozen=True, kw_only=True)
class Choice(Allowed):
    """One of a few names: those of a `Literal`."""

    names: tuple[object, ...]

    def __contains__(self, value: object) -> bool:
        return value in self.names

    def clause(self, value: object) -> str:
        names = ", ".join(map(str, self.names))
        return f"{quoted(value)} is unknown; choose from {names}"


def check_fields(value: Any, error: type[MistakeError]) -> None:
    """Raise `error` for the first field of a dataclass that may not have its value.

    Its annotation says what it may be: a `Literal`, `Annotated[int, WIDTH]`, either of
    them `| None` or `|` a dataclass, or a tuple of one of them.
    """
    values = vars(value)
    # Specs are made by the thousand: the usual case without a call.
    numbers, rest = _checks(cast(type, type(value)))
    for name, hint, kinds, least, most in numbers:
        found = values[name]
        if type(found) not in kinds or not least <= found <= most:
            _check_field(name, found, hint, error)
    for name, hint, names in rest:
        if values[name] not in names:
            _check_field(name, values[name], hint, error)


def _check_field(name: str, value: Any, hint: Any, error: type[MistakeError]) -> None:
    """Raise `error` unless a value is what its annotation allows."""
    if allowed := _marks(hint):
        for each in allowed:
            each.check(name, value, error)
    elif get_origin(hint) is tuple:
        if not isinstance(value, tuple):
            raise error(f"{name} is {quoted(value)}; give a tuple")
        for each in value:
            _check_field(name, each, get_args(hint)[0], error)
    elif type(value) in get_args(hint) and is_dataclass(value):
        check_fields(value, error)
    elif value is not None or type(None) not in get_args(hint):
        _check_field(name, value, get_args(hint)[0], error)


_Number = tuple[str, Any, tuple[type, ...], float, float]
_Other = tuple[str, Any, tuple[object, ...]]


@cache
def _checks(kind: type) -> tuple[tuple[_Number, ...], tuple[_Other, ...]]:
    """The fields that say what they may be, with what surely is among it.

    Numbers have types and two ends; names are those of a choice, and none for the rest.
    """
    hints = get_type_hints(kind, include_extras=True)
    numbers: list[_Number] = []
    rest: list[_Other] = []
    for name in (field.name for field in fields(cast(Any, kind))):
        match _marks(hints[name]):
            case [Range() as found]:
                least = nextafter(found.least, inf) if found.above else found.least
                most = nextafter(found.most, -inf) if found.below else found.most
                kinds = (int,) if found.is_whole else (float, int)
                numbers.append((name, hints[name], kinds, least, most))
            case [Choice(names=names)]:
                rest.append((name, hints[name], names))
            case marks if marks or _says(hints[name]):
                rest.append((name, hints[name], ()))
    return tuple(numbers), tuple(rest)


def _marks(hint: Any) -> list[Allowed]:
    """What an annotation of a single value allows."""
    if get_origin(hint) is Literal:
        return [Choice(names=get_args(hint))]
    marks = hint.__metadata__ if get_origin(hint) is Annotated else ()
    return [mark for mark in marks if isinstance(mark, Allowed)]


def _says(hint: Any) -> bool:
    """Whether an optional value or a tuple has values that say what they may be."""
    is_shallow = get_origin(hint) in (tuple, Union, UnionType)
    return is_shallow and bool(_marks(get_args(hint)[0]))
