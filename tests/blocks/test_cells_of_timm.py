"""The cells of NASNet-A and PNASNet-5 compute what timm's cells do."""

import pytest
import torch
from torch import Tensor, nn

from rexpand.blocks import LookBack, build_block
from rexpand.spec import Cell, amoebanet_a, nasnet_a, pnasnet_5
from rounding import agree, depth_of

pytestmark = [pytest.mark.kernels, pytest.mark.usefixtures("float64")]

NASNET = nasnet_a(name="nasnet", width_mult=16 / 44).blocks  # 16 channels per node
PNASNET = pnasnet_5(name="pnasnet", width_mult=16 / 54).blocks
STEM = 32


def maps(channels: int, size: int) -> Tensor:
    return (
        torch.linspace(-3, 3, 2 * channels * size**2).sin().view(2, channels, size, -1)
    )


def shake(layer: nn.Module) -> None:
    if isinstance(layer, nn.BatchNorm2d):
        layer.eps = 1e-3
        for tensor in (layer.running_var, layer.weight):
            nn.init.uniform_(tensor, 0.5, 1.5)
        for tensor in (layer.running_mean, layer.bias):
            nn.init.uniform_(tensor, -0.2, 0.2)


def same(block: Cell, theirs: nn.Module, ours: nn.Module, *inputs: Tensor) -> bool:
    """Whether both give the same maps, with the tensors of the one in their order."""
    torch.manual_seed(0)
    theirs.apply(shake).eval()
    ours.apply(shake).eval()
    names, tensors = ours.state_dict().keys(), theirs.state_dict().values()
    ours.load_state_dict(dict(zip(names, tensors, strict=True)))
    before, last = inputs[0], inputs[-1]
    with torch.no_grad():
        return agree(ours(before, last), theirs(*inputs), depth=depth_of(ours))


def test_nasnets_normal_cell():
    nasnet = pytest.importorskip("timm.models.nasnet")
    block = NASNET[3]
    module = build_block(block, 96, LookBack(96))

    # Six parts of 16 channels: the five nodes, and the input before the last.
    assert block.outputs == (0, 2, 3, 4, 5, 6)
    theirs = nasnet.NormalCell(96, 16, 96, 16)
    # timm gives the last map first.
    assert same(block, Swapped(theirs), module, maps(96, 9), maps(96, 9).cos())


def test_nasnets_cell_of_stride_2():
    nasnet = pytest.importorskip("timm.models.nasnet")
    block = NASNET[6]
    width = block.out_channels // 4
    module = build_block(block, 96, LookBack(96))

    theirs = nasnet.ReductionCell0(96, width, 96, width)
    assert same(block, Swapped(theirs), module, maps(96, 9), maps(96, 9).cos())


def test_nasnets_first_cell_reads_the_stem_itself():
    nasnet = pytest.importorskip("timm.models.nasnet")
    block = NASNET[0]
    module = build_block(block, STEM, LookBack(STEM))

    theirs = nasnet.CellStem0(STEM, block.out_channels // 4)
    assert same(block, theirs, module, maps(STEM, 9))


def test_pnasnets_first_cell_widens_a_pooled_stem():
    pnasnet = pytest.importorskip("timm.models.pnasnet")
    block = PNASNET[0]
    width = block.out_channels // 5
    module = build_block(block, STEM, LookBack(STEM))

    theirs = pnasnet.CellStem0(STEM, width, STEM, width)
    assert same(block, theirs, module, maps(STEM, 9))


@pytest.mark.parametrize("index", [3, 5])
def test_pnasnets_cell_at_both_strides(index):
    pnasnet = pytest.importorskip("timm.models.pnasnet")
    block = PNASNET[index]
    width = block.out_channels // 5
    module = build_block(block, 80, LookBack(80))

    theirs = pnasnet.Cell(80, width, 80, width, is_reduction=block.stride == 2)
    assert block.stride == (2 if index == 5 else 1)
    assert same(block, theirs, module, maps(80, 9), maps(80, 9).cos())


def test_pnasnets_cell_after_a_stride():
    pnasnet = pytest.importorskip("timm.models.pnasnet")
    block = PNASNET[2]
    width = block.out_channels // 5
    module = build_block(block, 80, LookBack(40, stride=2))

    theirs = pnasnet.Cell(40, width, 80, width, match_prev_layer_dims=True)
    assert same(block, theirs, module, maps(40, 9), maps(80, 5))


def test_a_row_and_a_column_see_as_far_as_their_kernel():
    reduction = amoebanet_a(name="amoebanet", width_mult=16 / 50).blocks[6]
    module = build_block(reduction, 64, LookBack(64))
    (layer,) = (
        layer
        for node, edges in zip(module.nodes, range(2, 7), strict=True)
        for layer, edge in zip(
            node.layers,
            [each for each in reduction.edges if each.node == edges],
            strict=True,
        )
        if edge.operation == "row_column"
    )
    images = maps(32, 9).requires_grad_()

    # 1x7 with stride 2 across and 7x1 with stride 2 down: a 7x7 window at stride 2.
    outputs = layer.eval()(images)
    outputs[0, :, 2, 2].sum().backward()

    assert outputs.shape == (2, 32, 5, 5)
    seen = images.grad[0].abs().sum(0) > 0
    assert seen.nonzero().min(0).values.tolist() == [1, 1]
    assert seen.nonzero().max(0).values.tolist() == [7, 7]
    assert layer.reduce.conv.out_channels == 8


class Swapped(nn.Module):
    """A cell of timm that takes the last map first."""

    def __init__(self, cell: nn.Module) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, before: Tensor, last: Tensor) -> Tensor:
        return self.cell(last, before)
