"""The cell of DARTS and its relatives (arXiv 1806.09055)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rexpand import spec
from rexpand.blocks.activation import activation
from rexpand.blocks.cell_operations import Factorized, cell_operation, wants_activation
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
    concatenated. Where node 0 is larger than node 1, the stride of its 1x1 makes them
    equal.
    """

    def __init__(self, block: spec.Cell, in_channels: int, before: LookBack) -> None:
        super().__init__()
        width = int(block.width(block.out_channels))
        # Out of place: other blocks read the inputs too.
        self.activation = activation(block.edge_activation, in_place=False)
        self.before = _before_layer(block, before, width)
        self.last = ConvNorm(in_channels, width) if block.sees(1) else nn.Identity()
        edges = [
            [_edge(block, edge, width) for edge in block.edges if edge.node == node]
            for node in range(INPUTS, INPUTS + block.nodes)
        ]
        self.nodes = nn.ModuleList(CellNode(node) for node in edges)
        self.activated = {
            source
            for node in edges
            for source, layer in node
            if wants_activation(layer)
        }
        self.squeeze_excite = squeeze_excite(block.squeeze_excite, block.out_channels)

    def forward(self, before: Tensor, last: Tensor) -> Tensor:
        states = [
            self._state(0, self.before(self.activation(before))),
            self._state(1, self.last(self.activation(last))),
        ]
        for index, node in enumerate(self.nodes, start=len(states)):
            states.append(self._state(index, node(states)))
        return self.squeeze_excite(torch.cat([maps for maps, _ in states[2:]], 1))

    def _state(self, node: int, maps: Tensor) -> State:
        return maps, self.activation(maps) if node in self.activated else maps


class CellNode(nn.Module):
    """The sum of the edges that lead to a node."""

    def __init__(self, edges: Sequence[tuple[int, nn.Module]]) -> None:
        super().__init__()
        self.sources = [source for source, _ in edges]
        self.layers = nn.ModuleList(layer for _, layer in edges)
        self.drop_path = DropPath()

    def forward(self, states: Sequence[State]) -> Tensor:
        branches = [
            self._branch(layer, *states[source])
            for source, layer in zip(self.sources, self.layers, strict=True)
        ]
        return sum(branches[1:], branches[0])

    def _branch(self, layer: nn.Module, maps: Tensor, activated: Tensor) -> Tensor:
        if isinstance(layer, nn.Identity):
            return maps
        return self.drop_path(layer(activated if wants_activation(layer) else maps))


def _before_layer(block: spec.Cell, before: LookBack, width: int) -> nn.Module:
    if not block.sees(0):
        return nn.Identity()
    if block.before_layer == "factorized":
        return Factorized(
            before.channels, width, stride=before.stride, shift=before.dilation
        )
    return ConvNorm(before.channels, width, stride=before.stride)


def _edge(block: spec.Cell, edge: spec.CellEdge, width: int) -> tuple[int, nn.Module]:
    layer = cell_operation(
        edge.operation,
        width,
        kernel_size=edge.kernel_size,
        stride=block.edge_stride(edge),
        dilation=block.dilation,
        activation=block.edge_activation,
    )
    return edge.source, layer
