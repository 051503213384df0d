"""A layer study in numbers: the points of the paper's Figure 1 and what they decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from rexpand.ranges import RATIO
from rexpand.records.provenance import Provenance
from rexpand.shown import Shown

VERSION = 2
Ratio = Annotated[float, RATIO]
VerdictName = Literal["holds", "holds only if", "does not hold"]


@dataclass(frozen=True, kw_only=True)
class LayerPoint:
    """Mean rank ratio over random networks, with its 95 % confidence interval.

    `definitions` has the mean and the half width of the interval under every other
    definition of rank, for the same networks.
    """

    structure: str
    activation: str
    dim_ratio: Ratio
    rank_ratio: Ratio
    ci_low: Ratio
    ci_high: Ratio
    networks: int
    definitions: Mapping[str, tuple[Ratio, Ratio]]


@dataclass(frozen=True, kw_only=True)
class PublishedPoint:
    """A rank ratio read off the printed Figure 1."""

    structure: str
    activation: str
    dim_ratio: Ratio
    rank_ratio: Ratio


@dataclass(frozen=True, kw_only=True)
class PanelDeviation:
    """How far a panel's points lie from the printed ones, over the `points` compared.

    `mean_signed` is positive where the measured ones lie higher; `worst` is the largest
    absolute difference, at `worst_activation` and `worst_dim_ratio`.
    """

    structure: str
    points: int
    mean_absolute: Ratio
    mean_signed: Ratio
    worst: Ratio
    worst_activation: str
    worst_dim_ratio: Ratio


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a claim holds under a definition of rank, decided by the points.

    `condition` says where it holds, if not everywhere; `evidence` has the numbers.
    """

    claim: str
    definition: str
    verdict: VerdictName
    condition: str
    evidence: str


@dataclass(frozen=True, kw_only=True)
class LayerStudy(Shown):
    """Everything that the page of a layer study shows.

    `definition` is the one whose mean is `rank_ratio`; `protocol` is the value as a
    JSON object. `seconds` is wall time with `workers` processes.
    """

    _view: ClassVar[str] = "rexpand.report.views.ranks:LAYER_STUDY"

    preset: str
    protocol: Mapping[str, Any]
    definition: str
    structures: tuple[str, ...]
    activations: tuple[str, ...]
    dim_ratios: tuple[Ratio, ...]
    networks: int
    seed: int
    points: tuple[LayerPoint, ...]
    published: tuple[PublishedPoint, ...]
    deviations: tuple[PanelDeviation, ...]
    verdicts: tuple[Verdict, ...]
    seconds: float
    workers: int
    provenance: Provenance
    version: int = VERSION


@dataclass(frozen=True, kw_only=True)
class AxisRow:
    """One axis of a protocol at another value, everything else as it was.

    `deviations` are mean absolute ones by structure; `verdicts` by claim.
    """

    axis: str
    value: str
    is_default: bool
    deviations: Mapping[str, Ratio]
    verdicts: Mapping[str, VerdictName]


@dataclass(frozen=True, kw_only=True)
class SensitivityStudy:
    """How the result depends on each axis: `networks` per point, one row per value."""

    preset: str
    networks: int
    seed: int
    rows: tuple[AxisRow, ...]
    seconds: float
    workers: int
    provenance: Provenance
    version: int = VERSION
