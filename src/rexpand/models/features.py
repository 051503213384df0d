"""Multi-scale features of a network, with channels and strides as data."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from rexpand.blocks import outputs_of
from rexpand.errors import UnknownNameError
from rexpand.models.network import Network
from rexpand.spec import SpecLike, as_spec


@dataclass(frozen=True, kw_only=True)
class FeatureLevel:
    """A feature map: the block that outputs it, its channels, its stride in pixels."""

    name: str
    channels: int
    stride: int


def feature_levels(spec: SpecLike) -> tuple[FeatureLevel, ...]:
    """The deepest map of every stride, shallow to deep, without the head's."""
    spec = as_spec(spec)
    stride = spec.stem.stride
    levels = {
        stride: FeatureLevel(
            name="stem", channels=spec.stem.out_channels, stride=stride
        )
    }
    if spec.stem.pool_stride > 1:
        stride *= spec.stem.pool_stride
        levels[stride] = FeatureLevel(
            name="pool", channels=spec.stem.out_channels, stride=stride
        )
    for index, block in enumerate(spec.blocks):
        stride *= block.stride
        levels[stride] = FeatureLevel(
            name=f"blocks.{index}", channels=block.out_channels, stride=stride
        )
    return tuple(levels.values())


class FeatureExtractor(nn.Module):
    """A network that outputs its feature maps.

    Maps (batch, in_channels, height, width) to a list of
    (batch, level.channels, ceil(height / level.stride), ...), in the order of `levels`.
    """

    def __init__(self, network: Network, names: Sequence[str] | None = None) -> None:
        super().__init__()
        known = {level.name: level for level in feature_levels(network.spec)}
        for name in names or ():
            if name not in known:
                raise UnknownNameError(
                    "feature level", name, known, f"choose from {', '.join(known)}"
                )
        wanted = set(names or known)
        self.levels = tuple(level for name, level in known.items() if name in wanted)
        self.stem = network.stem
        self.pool = network.pool
        self.blocks = network.blocks[: _last(wanted) + 1]
        self._keeps = [f"blocks.{index}" in wanted for index in range(len(self.blocks))]
        self._keeps_stem = "stem" in wanted
        self._keeps_pool = "pool" in wanted

    def forward(self, images: Tensor) -> list[Tensor]:
        maps = self.stem(images)
        kept = [maps] if self._keeps_stem else []
        maps = self.pool(maps)
        if self._keeps_pool:
            kept.append(maps)
        outputs = outputs_of(self.blocks, maps)
        kept += [
            maps for maps, keeps in zip(outputs, self._keeps, strict=True) if keeps
        ]
        return kept


def _last(names: set[str]) -> int:
    """Index of the last block that is needed, -1 for none."""
    indices = (name.partition(".")[2] for name in names)
    return max((int(index) for index in indices if index), default=-1)
