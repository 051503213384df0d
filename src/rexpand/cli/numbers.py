"""Numbers as they are typed: each in its range, before anything else happens."""

import re
from dataclasses import dataclass
from typing import Any

import typer

from rexpand.allowed import Range
from rexpand.errors import quoted
from rexpand.size import Size

_WHOLE = re.compile(r"[+-]?[0-9]{1,100}")
_REAL = re.compile(
    r"[+-]?([0-9]{1,100}\.?[0-9]{0,100}|\.[0-9]{1,100})(e[+-]?[0-9]{1,4})?"
)
_UNITS = {"": 1.0, "k": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "B": 1e9}
_WITH_UNIT = re.compile(r"(.*?)([kMmGB]?)")


@dataclass(frozen=True, kw_only=True)
class Number:
    """Reads a number of a range; BadParameter for any other text.

    With units 400M is 400,000,000, 1.5G is 1,500,000,000 (papers' B).
    """

    allowed: Range
    has_unit: bool = False

    def __call__(self, typed: str | float) -> float:
        """The number that was typed, or a default as it is."""
        value = self._value(typed) if isinstance(typed, str) else typed
        if value not in self.allowed:
            raise typer.BadParameter(self.allowed.clause(value))
        assert isinstance(value, int | float)
        return value

    def _value(self, text: str) -> float | str:
        """The number of a text, or the text itself if it is none."""
        if self.has_unit:
            return _quantity(text)
        if self.allowed.is_whole:
            return int(text) if _WHOLE.fullmatch(text) else text
        return float(text) if _REAL.fullmatch(text) else text


def _quantity(text: str) -> float:
    found = _WITH_UNIT.fullmatch(text.replace(",", "").replace("_", ""))
    if not found or not _REAL.fullmatch(found[1]):
        raise typer.BadParameter(
            f"{quoted(text)} is not a number; write 400M, 1.5G or 205k"
        )
    return float(found[1]) * _UNITS[found[2]]


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """Reads the size of an image, `224` or `224x160` (height x width)."""

    allowed: Range

    def __call__(self, typed: str | Size) -> Size:
        """The size that was typed; BadParameter for any other text."""
        if isinstance(typed, Size):
            return typed
        if _WHOLE.fullmatch(typed):
            size = Size.of(int(typed))
        elif (found := Size.parse(typed)) is not None:
            size = found
        else:
            raise typer.BadParameter(
                f"is {quoted(typed)}; give pixels, {self.allowed}, or height x width, "
                "such as 224x160"
            )
        for side in (size.height, size.width):
            if side not in self.allowed:
                raise typer.BadParameter(self.allowed.clause(side))
        return size


def pixels(allowed: Range, *names: str, help: str) -> Any:
    """An option for the size of an image."""
    return typer.Option(
        *names, parser=Pixels(allowed=allowed), metavar="N|HxW", help=help
    )


def number(
    allowed: Range, *names: str, help: str, metavar: str = "N", has_unit: bool = False
) -> Any:
    """An option for a number of a range."""
    return typer.Option(
        *names,
        parser=Number(allowed=allowed, has_unit=has_unit),
        metavar=metavar,
        min=None if has_unit else allowed.least,
        max=None if has_unit else allowed.most,
        help=help,
    )
