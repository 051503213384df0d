"""What a field or an option may be: the ranges of the field's quantities, and names.

A range is generous (ten times what any paper used, or more) and still safe: what is in
it fits the integers of numpy and torch, and can be refused by its cost. Fields and
options take the same names, so that they never differ:

    epochs: Annotated[int, EPOCHS]

The codec checks such a field when it reads a file. `check_fields` checks it where a
dataclass is made.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from functools import cache
from math import inf, isfinite, nextafter
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
    them `| None`, or a tuple of one of them.
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


def _whole(least: int, most: int) -> Range:
    return Range(least=least, most=most)


def _real(
    least: float, most: float, *, above: bool = False, below: bool = False
) -> Range:
    assert isfinite(least)
    assert isfinite(most)
    return Range(least=least, most=most, is_whole=False, above=above, below=below)


# Names: they are printed, drawn, and part of the names of files
NAME = Line(longest=100, without="/\\")  # of a network, a data set, a study
CLASS_NAME = Line(longest=100)
PLACE = Line(longest=4096)  # a file or a folder, as the user gave it

# A network
WIDTH = _whole(1, 2_000_000)  # channels of one layer
OPTIONAL_WIDTH = _whole(0, 2_000_000)  # 0: the layer is left out
KERNEL = _whole(1, 101)  # SLaK has 51 (arXiv 2207.03620)
STRIDE = _whole(1, 64)
DILATION = _whole(1, 4_096)
PADDING = _whole(0, 1_024)
GROUPS = _whole(1, 65_536)
DEPTH = _whole(1, 2_000)  # blocks; the deepest ResNet has 600 (arXiv 1512.03385)
IN_CHANNELS = _whole(1, 4_096)  # of an image; hyperspectral ones have hundreds
RESOLUTION = _whole(1, 8_192)  # pixels
CLASSES = _whole(0, 1_000_000)  # 0: no classifier
SOME_CLASSES = _whole(1, 1_000_000)
MULTIPLE_OF = _whole(1, 4_096)
ROUNDING = _whole(0, 4_096)  # 0: unrounded
DIVISOR = _whole(1, 65_536)  # an inner width is a width divided by it
EXPAND_RATIO = _real(0, 1_000, above=True)
EXPANSION = _real(1, 1_000)  # of a block that never has fewer inner channels
NODE = _whole(0, 1_000)  # of a cell
MULTIPLIER = _real(0, 1_000, above=True)
SHARE = _real(0, 1, above=True, below=True)
RATE = _real(0, 1, below=True)  # of dropping, smoothing, decay, momentum
NORM_EPS = _real(0, 1)

FINITE = _real(-1e12, 1e12)

# A budget, and the rule that gives channels
MACS = _real(0, 1e18, above=True)
PARAMS = _real(0, 1e15, above=True)
INTERCEPT = _real(0, 65_536)

# A training
EPOCHS = _whole(1, 100_000)
BATCH_SIZE = _whole(2, 65_536)  # batch norm needs two images
IMAGES = _whole(0, 1_000_000_000)
SOME_IMAGES = _whole(1, 1_000_000_000)
FORWARD_BATCH = _whole(1, 65_536)  # without gradients
PATIENCE = _whole(0, 100_000)  # epochs; 0: none
LEARNING_RATE = _real(0, 1_000, above=True)
WEIGHT = _real(0, 1_000)  # of a penalty in the loss, weight decay included
WARMUP_EPOCHS = _real(0, 100_000)
STEP_EPOCHS = _real(0, 100_000, above=True)  # of a schedule in steps
PIXELS = _whole(0, 8_192)  # of padding, or of a square cut out
MAGNITUDE = _real(0, 10)  # of an operation of RandAugment
OPERATIONS = _whole(1, 100)
PROBABILITY = _real(0, 1)

# An experiment
TRIALS = _whole(1, 100_000)
TRIAL = _whole(0, 99_999)  # trials count from 0
SEEDS = _whole(1, 1_000)
SEED = _whole(0, 2**32 - 1)  # what numpy's generators take
SAMPLES = _real(1, 1_000)  # positions per channel: fewer than 1 bound the rank
GUIDELINE = _whole(1, 4)  # of ShuffleNetV2
ROUNDS = _whole(2, 100_000)  # of timing

# A result
PERCENT = _real(0, 100)
GAIN = _real(-100, 100)  # a difference of two
RATIO = _real(-10, 10)  # of a rank, with its interval: charts draw what is near 0 to 1
SECONDS = _real(0, 1e12)
COUNT = _whole(0, 10**18)  # of params or MACs
MEASURED = Range(least=-inf, most=inf, is_whole=False, or_nan=True)

# The machine
THREADS = _whole(1, 1_024)
JOBS = _whole(1, 256)  # processes
