"""Cells."""

from torch import nn

from rexpand import blocks, spec
from rexpand.models.blocks.look_back import LookBack
from rexpand.models.blocks.squeeze import squeeze_excite_module


def cell_module(block: spec.Cell, in_channels: int, before: LookBack) -> nn.Module:
    width = int(block.width(block.out_channels))
    edges = [
        [_edge(block, edge, width) for edge in block.edges if edge.node == node]
        for node in range(2, 2 + block.nodes)
    ]
    return blocks.Cell(
        in_channels,
        width,
        before_layer=_before_layer(block, before, width),
        edges=edges,
        activation=block.edge_activation,
        squeeze_excite=squeeze_excite_module(block.squeeze_excite, block.out_channels),
    )


def _before_layer(block: spec.Cell, before: LookBack, width: int) -> nn.Module:
    if not block.sees(0):
        return nn.Identity()
    if block.before_layer == "factorized":
        return blocks.Factorized(
            before.channels, width, stride=before.stride, shift=before.dilation
        )
    return blocks.ConvNorm(before.channels, width, stride=before.stride)


def _edge(block: spec.Cell, edge: spec.CellEdge, width: int) -> tuple[int, nn.Module]:
    layer = blocks.cell_operation(
        edge.operation,
        width,
        kernel_size=edge.kernel_size,
        stride=block.edge_stride(edge),
        dilation=block.dilation,
        activation=block.edge_activation,
    )
    return edge.source, layer
