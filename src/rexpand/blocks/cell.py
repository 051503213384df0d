"""The cell of DARTS and its relatives (arXiv 1806.09055)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rexpand.blocks.activation import activation as activation_layer
from rexpand.blocks.cell_operations import wants_activation
from rexpand.blocks.conv_norm import ConvNorm
from rexpand.blocks.drop_path import DropPath

State = tuple[Tensor, Tensor]  # a node's map, and the same activated if one wants it


class Cell(nn.Module):
    """Both inputs through activation, 1x1, batch norm; nodes that sum up their edges.

    Maps two outputs, of the block before the last and of the last one, to (batch, nodes
    x width, ceil(height / stride), ceil(width / stride)): all nodes but the two inputs,
    joined. `before_layer` brings the first input to `width` channels and to the size of
    the second. `edges` are the source and the layer of each, a sequence a node.
    """

    looks_back = True

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        before_layer: nn.Module,
        edges: Sequence[Sequence[tuple[int, nn.Module]]],
        activation: str,
        squeeze_excite: nn.Module | None,
    ) -> None:
        super().__init__()
        sees_last = any(source == 1 for node in edges for source, _ in node)
        self.activation = activation_layer(activation, in_place=False)  # others read it
        self.before = before_layer
        self.last = ConvNorm(in_channels, width) if sees_last else nn.Identity()
        self.nodes = nn.ModuleList(CellNode(node) for node in edges)
        self.activated = {
            source
            for node in edges
            for source, layer in node
            if wants_activation(layer)
        }
        self.squeeze_excite = squeeze_excite or nn.Identity()

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
