"""The cell of DARTS and its relatives (arXiv 1806.09055)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.cell_operations import Factorized, cell_operation
from rexpand.blocks.chain import TwoInputBlock
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath
from rexpand.blocks.look_back import LookBack
from rexpand.blocks.squeeze_excite import squeeze_excite
from rexpand.spec.blocks.cell import INPUTS

State = tuple[Tensor, Tensor]  # a node's map, and its activated map if an edge needs it


class Cell(TwoInputBlock):
    """Both inputs through activation, 1x1, batch norm; nodes that sum their edges.

    Maps the outputs of the two blocks before it to (batch, out_channels,
    ceil(height / stride), ceil(width / stride)): all nodes but the two inputs,
    concatenated, or those that the block names. Where node 0 is larger than node 1, the
    stride of its 1x1 makes them equal.
    """

    def __init__(self, block: spec.Cell, in_channels: int, before: LookBack) -> None:
        super().__init__()
        width = int(block.width(block.out_channels))
        # Out of place: other blocks read the inputs too.
        self.activation = activation(block.edge_activation, in_place=False)
        self.reads_input = block.before_layer == "input"
        self.before = _before_layer(block, before, width)
        self.last = ConvNorm(in_channels, width) if block.sees(1) else nn.Identity()
        self.nodes = nn.ModuleList(
            CellNode(
                block, [edge for edge in block.edges if edge.node == node], in_channels
            )
            for node in range(INPUTS, INPUTS + block.nodes)
        )
        self.joined = block.joined
        self.activated = {e.source for e in block.edges if e.reads_activated}
        self.output_activation = activation(block.output_activation)
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, block.out_channels)

    def forward(self, before: Tensor, last: Tensor) -> Tensor:
        first = last if self.reads_input else self.before(self.activation(before))
        states = [
            self._state(0, first),
            self._state(1, self.last(self.activation(last))),
        ]
        for index, node in enumerate(self.nodes, start=len(states)):
            states.append(self._state(index, node(states)))
        joined = torch.cat([states[node][0] for node in self.joined], 1)
        return self.squeeze_excite(self.output_activation(joined))

    def _state(self, node: int, maps: Tensor) -> State:
        return maps, self.activation(maps) if node in self.activated else maps


class CellNode(nn.Module):
    """The sum of the edges that lead to a node."""

    def __init__(
        self, block: spec.Cell, edges: Sequence[spec.CellEdge], in_channels: int
    ) -> None:
        super().__init__()
        width = int(block.width(block.out_channels))
        self.edges = tuple(edges)
        self.layers = nn.ModuleList(
            cell_operation(
                block, edge, in_channels if block.is_raw(edge.source) else width
            )
            for edge in edges
        )
        self.drop_path = DropPath()

    def forward(self, states: Sequence[State]) -> Tensor:
        branches = [
            self._branch(edge, layer, *states[edge.source])
            for edge, layer in zip(self.edges, self.layers, strict=True)
        ]
        return sum(branches[1:], branches[0])

    def _branch(
        self, edge: spec.CellEdge, layer: nn.Module, maps: Tensor, activated: Tensor
    ) -> Tensor:
        if edge.operation == "skip":
            return maps
        return self.drop_path(layer(activated if edge.reads_activated else maps))


def _before_layer(block: spec.Cell, before: LookBack, width: int) -> nn.Module:
    if not block.sees(0) or block.before_layer == "input":
        return nn.Identity()
    if block.before_layer == "factorized":
        return Factorized(
            before.channels, width, stride=before.stride, shift=before.dilation
        )
    return ConvNorm(before.channels, width, stride=before.stride)
