"""Where the zeros begin: the rules by which a numerical rank counts singular values.

A rank has no value without one. `Relative` and `TorchDefault` scale with the largest
singular value s_1, `Absolute` does not scale, `Energy` counts from the top instead.
"""

from dataclasses import dataclass

from rexpand.errors import RankError

FLOAT32_EPSILON = 2.0**-23  # of the features a network gives, whatever we compute in
FLOAT64_EPSILON = 2.0**-52


def _check_open(what: str, value: float, below: float) -> None:
    if not 0 < value < below:
        raise RankError(f"{what} is {value}; it must lie between 0 and {below:g}")


@dataclass(frozen=True)
class Relative:
    """Count the singular values above `value` times the largest."""

    value: float = 1e-3

    def __post_init__(self) -> None:
        _check_open("relative tolerance", self.value, 1.0)


@dataclass(frozen=True)
class TorchDefault:
    """Relative, at max(rows, columns) times the rounding of the features' type.

    It is what `torch.linalg.matrix_rank` and numpy's do unless told otherwise, so it
    grows with the number of samples.
    """

    epsilon: float = FLOAT32_EPSILON

    def __post_init__(self) -> None:
        _check_open("epsilon of the default tolerance", self.epsilon, 1.0)


@dataclass(frozen=True)
class Absolute:
    """Count the singular values above `value`, in the units of the features."""

    value: float

    def __post_init__(self) -> None:
        _check_open("absolute tolerance", self.value, float("inf"))


@dataclass(frozen=True)
class Energy:
    """Count the fewest singular values whose squares add up to `share` of all."""

    share: float = 0.99

    def __post_init__(self) -> None:
        _check_open("energy share", self.share, 1.0)


Tolerance = Relative | TorchDefault | Absolute | Energy
Shape = tuple[int, int]
DEFAULT_TOLERANCE: Tolerance = Relative(1e-3)


def relative_value(tolerance: Relative | TorchDefault, shape: Shape | None) -> float:
    """The fraction of s_1 below which a singular value of a matrix counts as zero."""
    if isinstance(tolerance, Relative):
        return tolerance.value
    if shape is None:
        raise RankError(
            "TorchDefault depends on the matrix: give shape=(rows, columns)"
        )
    return max(shape) * tolerance.epsilon


def describe(tolerance: Tolerance) -> str:
    """A short name that `parse` reads: relative:0.001, torch, absolute:0.1, energy:0.99."""
    match tolerance:
        case Relative(value):
            return f"relative:{value:g}"
        case Absolute(value):
            return f"absolute:{value:g}"
        case Energy(share):
            return f"energy:{share:g}"
        case TorchDefault(epsilon):
            default = epsilon == FLOAT32_EPSILON
            return "torch" if default else f"torch:{epsilon:g}"


def parse(text: str) -> Tolerance:
    """Read a tolerance as `describe` writes it; a bare number is relative."""
    if text == "torch":
        return TorchDefault()
    name, _, number = text.rpartition(":")
    try:
        value = float(number)
    except ValueError:
        name, value = "no number", 0.0
    match name:
        case "" | "relative":
            return Relative(value)
        case "absolute":
            return Absolute(value)
        case "energy":
            return Energy(value)
        case "torch":
            return TorchDefault(value)
    raise RankError(
        f"tolerance '{text}' is unknown; "
        "write relative:1e-3, torch, absolute:0.1 or energy:0.99"
    )
