"""Multi-scale features of a network, with channels and strides as data."""

from collections.abc import Iterator, Sequence

from torch import Tensor, nn

from rexpand.blocks import InvertedBottleneck, MixedBottleneck, output_of
from rexpand.errors import UnknownNameError
from rexpand.models.network import Network
from rexpand.spec import all_levels, feature_levels

_LAST = "penultimate"


class FeatureExtractor(nn.Module):
    """A network that outputs its feature maps.

    Maps (batch, in_channels, height, width) to a list of
    (batch, level.channels, ceil(height / level.stride), ...), in the order of `levels`.
    Without `names` they are the deepest map of every stride; `all_levels(spec)` has
    every map with a name. Raises UnknownNameError for another name.
    """

    def __init__(self, network: Network, names: Sequence[str] | None = None) -> None:
        super().__init__()
        known = {level.name: level for level in all_levels(network.spec)}
        for name in names or ():
            if name not in known:
                raise UnknownNameError(
                    "feature level", name, known, f"choose from {', '.join(known)}"
                )
        usual = [level.name for level in feature_levels(network.spec)]
        self._names = frozenset(names or usual)
        self.levels = tuple(known[name] for name in known if name in self._names)
        self.stem = network.stem
        self.pool = network.pool
        is_whole = _LAST in self._names
        self.blocks = network.blocks
        if not is_whole:
            self.blocks = network.blocks[: _last(self._names) + 1]
        self.norm = network.norm if is_whole else nn.Identity()
        self.penultimate = network.penultimate if is_whole else nn.Identity()

    def forward(self, images: Tensor) -> list[Tensor]:
        return [maps for name, maps in self._maps(images) if name in self._names]

    def _maps(self, images: Tensor) -> Iterator[tuple[str, Tensor]]:
        """Every map with its name, as they are computed."""
        maps = self.stem(images)
        yield "stem", maps
        maps = self.pool(maps)
        yield "pool", maps
        before = maps
        for index, block in enumerate(self.blocks):
            if (name := f"blocks.{index}.expand") in self._names:
                assert isinstance(block, InvertedBottleneck | MixedBottleneck)
                expanded = block.expand(maps)
                yield name, expanded
                output = block.after_expansion(expanded, maps)
            else:
                output = output_of(block, before, maps)
            before, maps = maps, output
            yield f"blocks.{index}", maps
        yield _LAST, self.penultimate(self.norm(maps))


def _last(names: frozenset[str]) -> int:
    """Index of the last block that is needed, -1 for none."""
    indices = (name.split(".")[1] for name in names if "." in name)
    return max(map(int, indices), default=-1)
