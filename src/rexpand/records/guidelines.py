"""ShuffleNetV2's four experiments on this machine, as one document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from rexpand.records.provenance import Provenance
from rexpand.records.spread import MedianSpread, Quartiles

GuidelineVerdict = Literal[
    "holds", "does not hold", "undecided", "depends on the width"
]
Platform = Literal["ARM", "GPU"]

VERSION = 2


@dataclass(frozen=True, kw_only=True)
class GuidelineRow:
    """One stack under one runtime: what it counts, and its time against the first's.

    `width` is the channels of the experiment, `scale` how many times its smallest width
    that is; `narrow` and `wide` are the channels of this stack's convolutions.
    `verdict` is None for the first stack, which the others are compared with.
    """

    guideline: int
    runtime: str
    variant: str
    degree: int
    width: int
    scale: int
    narrow: int
    wide: int
    params: int
    macs: int
    memory_access: int
    latency_ms: Quartiles
    ratio: MedianSpread
    ratios: tuple[float, ...]
    verdict: GuidelineVerdict | None


@dataclass(frozen=True, kw_only=True)
class GuidelineFinding:
    """What one runtime says of a guideline, over all widths.

    `variant` is the stack that the guideline warns of most. Where it has degrees,
    `doubling` is how many times as long one doubling of its degree takes, per width.
    """

    guideline: int
    runtime: str
    variant: str
    against: str
    verdict: GuidelineVerdict
    doubling: tuple[MedianSpread, ...]
    sentence: str


@dataclass(frozen=True, kw_only=True)
class PublishedSpeed:
    """A number of the paper's tables 1 to 4; batches (GPU) or images (ARM) per second."""

    guideline: int
    variant: str
    platform: Platform
    scale: int
    width: int
    per_second: float


@dataclass(frozen=True, kw_only=True)
class GuidelineStudy:
    """Everything that one run of the experiments measured.

    `titles` are the guidelines' by number, `sides` the pixels of their images.
    """

    titles: Mapping[str, str]
    sides: Mapping[str, int]
    rows: tuple[GuidelineRow, ...]
    findings: tuple[GuidelineFinding, ...]
    published: tuple[PublishedSpeed, ...]
    rounds: int
    threads: int
    multiple_of: int
    seconds: float
    provenance: Provenance
    version: int = VERSION
