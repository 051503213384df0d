"""The ranks of a network's layers, ready to be shown."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from rexpand.ranges import PERCENT, RATIO
from rexpand.records.provenance import Provenance
from rexpand.shown import Shown
from rexpand.spec import ImageContract

VERSION = 3
LayerKind = Literal["convolution", "linear", "norm", "activation", "features"]


@dataclass(frozen=True, kw_only=True)
class LayerRank:
    """The output of one layer, by rank; `features` is the input of the classifier.

    `samples` are the rows of the feature matrix: images times positions. `dim_ratio` is
    input over output channels, where the layer mixes channels and has no fewer at its
    output. With `bounded_by_samples` there were fewer samples than channels, and no
    rank could reach the channels. Singular values come largest first.
    """

    name: str
    kind: LayerKind
    channels: int
    dim_ratio: Annotated[float, RATIO] | None
    side: tuple[int, ...]
    params: int
    macs: int
    samples: int
    rank: int
    rank_ratio: Annotated[float, RATIO]
    effective_rank: float
    stable_rank: float
    nuclear_norm: float
    bounded_by_samples: bool
    singular_values: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class NetworkRank(Shown):
    """The layers of a network in the order in which they ran.

    `weights` says where they come from: a file, or "random". `contract` is how the
    images were fed. `accuracy` is top-1 in percent on them, None where
    the outputs are not the classes of the data. `params` are all of the network's,
    `macs` those of its convolutions and linear layers for one image.
    """

    _view: ClassVar[str] = "rexpand.report.views.ranks:NETWORK_RANK"

    name: str
    weights: str
    data: str
    images: int
    resolution: int
    positions: str
    tolerance: str
    params: int
    macs: int
    layers: tuple[LayerRank, ...]
    seconds: float
    provenance: Provenance
    contract: ImageContract
    accuracy: Annotated[float, PERCENT] | None = None

    @property
    def features(self) -> LayerRank | None:
        """The input of the classifier; None for a network without one."""
        found = [layer for layer in self.layers if layer.kind == "features"]
        return found[-1] if found else None


@dataclass(frozen=True, kw_only=True)
class NetworkRanks:
    """The ranks of several networks, measured alike."""

    networks: tuple[NetworkRank, ...]
    version: int = VERSION
