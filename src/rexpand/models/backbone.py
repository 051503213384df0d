"""A network as a chain of one layer per feature level, for torchvision's detectors."""

from collections import OrderedDict

from torch import nn

from rexpand.errors import SpecError
from rexpand.models.network import Network
from rexpand.spec import feature_levels


class Backbone(nn.Sequential):
    """A network up to its deepest map, with one child per level: `stride_2`, ...

    Maps (batch, in_channels, height, width) to the deepest map; torchvision's
    IntermediateLayerGetter takes the others by the names of the children. `levels` has
    the channels and strides in the same order. Raises SpecError for a network whose
    blocks look back two maps: a chain of layers cannot express it.
    """

    def __init__(self, network: Network) -> None:
        if any(block.looks_back for block in network.spec.blocks):
            raise SpecError(
                f"blocks of {network.spec.name} read the map before the last, which a "
                "chain of layers does not pass on; give FeatureExtractor(network)"
            )
        levels = feature_levels(network.spec)
        children: OrderedDict[str, nn.Module] = OrderedDict()
        layers: list[nn.Module] = []
        ends = {level.name: f"stride_{level.stride}" for level in levels}
        for name, layer in _named_layers(network):
            layers.append(layer)
            if name in ends:
                children[ends[name]] = nn.Sequential(*layers)
                layers = []
        super().__init__(children)
        self.levels = levels

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of the levels, shallow to deep."""
        return tuple(level.channels for level in self.levels)


def _named_layers(network: Network) -> list[tuple[str, nn.Module]]:
    blocks = [(f"blocks.{index}", block) for index, block in enumerate(network.blocks)]
    return [("stem", network.stem), ("pool", network.pool), *blocks]
