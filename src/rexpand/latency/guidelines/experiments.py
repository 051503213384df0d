"""The experiments of ShuffleNetV2 (arXiv 1807.11164, section 2) as data.

Every stack has ten blocks. The stacks of one experiment have equal macs: where channels
must change for that, the two widths of a stack may differ a little from each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, lcm, log2, sqrt

from rexpand.errors import MistakeError, UnknownNameError

BLOCKS = 10  # of a stack, as the paper's
_MOST_MACS_OFF = 0.1  # of the macs, with multiple_of above 1
_MOST_RATIO_OFF = 0.6  # doublings, a factor of 1.5


@dataclass(frozen=True, kw_only=True)
class RatioStack:
    """Blocks of two 1x1 convolutions, from narrow to wide and back: guideline 1."""

    name: str
    degree: int
    narrow: int
    wide: int


@dataclass(frozen=True, kw_only=True)
class GroupedStack:
    """1x1 convolutions in `degree` groups: guideline 2."""

    name: str
    degree: int
    narrow: int
    wide: int


@dataclass(frozen=True, kw_only=True)
class SeriesStack:
    """Blocks of `degree` 1x1 convolutions, one after the other: guideline 3."""

    name: str
    degree: int
    narrow: int
    wide: int


@dataclass(frozen=True, kw_only=True)
class ParallelStack:
    """Blocks of `degree` 1x1 convolutions of one input, added: guideline 3."""

    name: str
    degree: int
    narrow: int
    wide: int


@dataclass(frozen=True, kw_only=True)
class BottleneckStack:
    """ResNet's bottlenecks, 1x1, 3x3 and 1x1, wide outside: guideline 4.

    `degree` counts the kinds of element-wise operators.
    """

    name: str
    degree: int
    narrow: int
    wide: int
    has_relu: bool
    has_shortcut: bool


Stack = RatioStack | GroupedStack | SeriesStack | ParallelStack | BottleneckStack


@dataclass(frozen=True, kw_only=True)
class Guideline:
    """One experiment: widths, pixels of the images' sides, and what it compares.

    Each of `arms` leads to the stack that the guideline warns of most; `degree` says
    what grows along it.
    """

    number: int
    title: str
    degree: str
    side: int
    widths: tuple[int, ...]
    arms: tuple[tuple[str, ...], ...]


# The widths are those that the paper timed on ARM. Table 4 names no size of images: at 56
# pixels its 56.7 images per second would be six times the macs per second of table 3, so 28.
GUIDELINES = (
    Guideline(
        number=1,
        title="Equal channel width minimizes memory access",
        degree="channel ratio",
        side=56,
        widths=(32, 64, 128),
        arms=(("1:2", "1:6", "1:12"),),
    ),
    Guideline(
        number=2,
        title="Excessive group convolution increases memory access",
        degree="groups",
        side=56,
        widths=(64, 128, 256),
        arms=(("2 groups", "4 groups", "8 groups"),),
    ),
    Guideline(
        number=3,
        title="Fragmentation reduces the degree of parallelism",
        degree="fragments",
        side=56,
        widths=(64, 128, 256),
        arms=(("2 in series", "4 in series"), ("2 in parallel", "4 in parallel")),
    ),
    Guideline(
        number=4,
        title="Element-wise operations are non-negligible",
        degree="element-wise operators",
        side=28,
        widths=(32, 64, 128),
        arms=(("ReLU and shortcut",),),
    ),
)


def find_guidelines(numbers: Sequence[int]) -> tuple[Guideline, ...]:
    """The guidelines of some numbers, each once; UnknownNameError for another number."""
    known = {guideline.number: guideline for guideline in GUIDELINES}
    for number in numbers:
        if number not in known:
            raise UnknownNameError(
                "guideline", str(number), (), "choose from 1, 2, 3 and 4"
            )
    return tuple(known[number] for number in dict.fromkeys(numbers))


def stacks(guideline: Guideline, width: int, multiple_of: int = 1) -> tuple[Stack, ...]:
    """The stacks of an experiment at a width; the others are compared with the first."""
    match guideline.number:
        case 1:
            return _ratio_stacks(width, multiple_of)
        case 2:
            return _grouped_stacks(width, multiple_of)
        case 3:
            return _fragmented_stacks(width, multiple_of)
        case _:
            return _bottleneck_stacks(width)


def channel_pair(product: int, ratio: int, step: int) -> tuple[int, int]:
    """Two multiples of `step` with nearly that product, one `ratio` times the other.

    The product, on which the macs depend, counts ten times as much as the ratio. Raises
    MistakeError where the multiples are too coarse for either.
    """
    ideal = sqrt(product / ratio) / step
    pairs = [
        (step * units, step * max(1, round(product / (step * step * units))))
        for units in range(max(1, floor(0.8 * ideal)), ceil(1.2 * ideal) + 1)
    ]
    pair = min(pairs, key=lambda pair: _miss(pair, product, ratio))
    macs = abs(pair[0] * pair[1] / product - 1)
    if macs > _MOST_MACS_OFF or abs(log2(pair[1] / pair[0] / ratio)) > _MOST_RATIO_OFF:
        raise MistakeError(
            f"multiples of {step} are too coarse for {product} macs at a ratio of "
            f"1:{ratio}; take a smaller multiple_of; 1 rounds to no multiple"
        )
    return pair


def _miss(pair: tuple[int, int], product: int, ratio: int) -> float:
    off = abs(log2(pair[1] / pair[0] / ratio))
    return abs(pair[0] * pair[1] / product - 1) + off / 10


def _ratio_stacks(width: int, multiple_of: int) -> tuple[Stack, ...]:
    pairs = {
        ratio: channel_pair(width * width, ratio, multiple_of)
        for ratio in (1, 2, 6, 12)
    }
    return tuple(
        RatioStack(name=f"1:{ratio}", degree=ratio, narrow=narrow, wide=wide)
        for ratio, (narrow, wide) in pairs.items()
    )


def _grouped_stacks(width: int, multiple_of: int) -> tuple[Stack, ...]:
    found = []
    for groups in (1, 2, 4, 8):
        step = lcm(multiple_of, groups)
        narrow, wide = channel_pair(width * width * groups, 1, step)
        name = "1 group" if groups == 1 else f"{groups} groups"
        found.append(GroupedStack(name=name, degree=groups, narrow=narrow, wide=wide))
    return tuple(found)


def _fragmented_stacks(width: int, multiple_of: int) -> tuple[Stack, ...]:
    found: list[Stack] = [
        SeriesStack(name="1 fragment", degree=1, narrow=width, wide=width)
    ]
    for kind, how in ((SeriesStack, "series"), (ParallelStack, "parallel")):
        for fragments in (2, 4):
            narrow, wide = channel_pair(width * width // fragments, 1, multiple_of)
            name = f"{fragments} in {how}"
            found.append(kind(name=name, degree=fragments, narrow=narrow, wide=wide))
    return tuple(found)


def _bottleneck_stacks(width: int) -> tuple[Stack, ...]:
    return tuple(
        BottleneckStack(
            name=name,
            degree=has_relu + has_shortcut,
            narrow=width,
            wide=4 * width,  # ResNet's expansion (arXiv 1512.03385)
            has_relu=has_relu,
            has_shortcut=has_shortcut,
        )
        for name, has_relu, has_shortcut in (
            ("neither", False, False),
            ("shortcut", False, True),
            ("ReLU", True, False),
            ("ReLU and shortcut", True, True),
        )
    )
