"""What rules look at: a network as it ran, and what else was measured on it."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from rexpand.advise.rules.bottlenecks import (
    Bottleneck,
    Depthwise,
    bottlenecks,
    depthwise_groups,
)
from rexpand.advise.rules.commands import Commands
from rexpand.advise.rules.thresholds import Thresholds
from rexpand.cost.graph import Graph
from rexpand.records import NetworkRank

Target = Literal["float", "int8"]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A network for rules to look at; what was not measured is empty.

    `rounds` are seconds of each layer of `graph`, one tuple per round. `multiple_of` 0
    means that the target has no multiple. `commands` are there where the network is
    known as a spec.
    """

    network: str
    image: tuple[int, int, int]
    graph: Graph
    commands: Commands | None = None
    ranks: NetworkRank | None = None
    rounds: tuple[tuple[float, ...], ...] = ()
    multiple_of: int = 0
    target: Target = "float"
    thresholds: Thresholds = field(default_factory=Thresholds)

    @cached_property
    def pointwise(self) -> tuple[int, ...]:
        """The places of dense 1x1 convolutions on maps, and of linear layers on maps.

        Those on the image itself are left out: nobody chooses its channels.
        """
        flow = self.graph.flow
        return tuple(
            place
            for place, layer in enumerate(self.graph.layers)
            if flow.is_on_map(place)
            and layer.groups == 1
            and not layer.is_transposed
            and (layer.is_pointwise or (layer.kind, len(layer.output)) == ("linear", 4))
            and not flow.reads_image(place)
        )

    @cached_property
    def line_command(self) -> str:
        """The command that puts its channels on a line; empty if there is none."""
        return self.commands.line() if self.commands else ""

    @cached_property
    def rounding_command(self) -> str:
        """The command that makes its channels multiples; empty if there is none."""
        if self.commands is None:
            return ""
        return self.commands.multiples(self.multiple_of)

    @cached_property
    def depthwise(self) -> tuple[Depthwise, ...]:
        """The depthwise convolutions, mixed kernels as one."""
        return tuple(depthwise_groups(self.graph.flow))

    @cached_property
    def bottlenecks(self) -> tuple[Bottleneck, ...]:
        """The inverted bottlenecks with a depthwise convolution."""
        return tuple(bottlenecks(self.graph.flow, self.depthwise))

    def share_of_macs(self, macs: float) -> float:
        """Multiply-accumulates as a share of the network's."""
        return macs / max(self.graph.total.macs, 1)

    def share_of_params(self, params: float) -> float:
        """Parameters as a share of the network's."""
        return params / max(self.graph.total.params, 1)
