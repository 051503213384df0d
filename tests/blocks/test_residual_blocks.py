"""ResNet's two blocks and the way in which their input joins."""

from typing import get_args

import pytest
import torch
from torch import nn
from torch.nn import functional

from rexpand import spec
from rexpand.blocks import BasicResidual, ResidualBottleneck
from rexpand.blocks.residual import residual
from rexpand.spec import ResidualShortcut
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

FIELDS = {
    "out_channels": 6,
    "stride": 2,
    "output_activation": "silu",
    "shortcut": "projection",
}


def basic(in_channels: int = 4, **changes) -> BasicResidual:
    torch.manual_seed(0)
    return BasicResidual(spec.BasicResidual(**(FIELDS | changes)), in_channels).eval()


def bottleneck(in_channels: int = 4, **changes) -> ResidualBottleneck:
    torch.manual_seed(0)
    grouped = {"inner_ratio": 8 / 6, "groups": 4}
    block = spec.ResidualBottleneck(**(FIELDS | grouped | changes))
    return ResidualBottleneck(block, in_channels).eval()


def normed(layer: nn.Module, maps: torch.Tensor, **geometry: int) -> torch.Tensor:
    """A convolution and a fresh batch norm, by the formula."""
    scale = (1 + layer.norm.eps) ** -0.5
    return functional.conv2d(maps, layer.conv.weight, **geometry) * scale


@pytest.mark.kernels
def test_a_basic_block_is_its_formula():
    block, maps = basic(), torch.randn(2, 4, 5, 5)

    outputs = block(maps)

    first = normed(block.first, maps, stride=2, padding=1).relu()
    branch = normed(block.second, first, padding=1)
    expected = branch + normed(block.residual.projection, maps, stride=2)
    assert agree(outputs, functional.silu(expected), depth=depth_of(block))
    assert outputs.shape == (2, 6, 3, 3)


@pytest.mark.kernels
def test_a_bottleneck_is_its_formula():
    block, maps = bottleneck(), torch.randn(2, 4, 5, 5)

    outputs = block(maps)

    # The stride and the groups are the 3x3's.
    reduced = normed(block.reduce, maps).relu()
    filtered = normed(block.filter, reduced, stride=2, padding=1, groups=4).relu()
    branch = normed(block.restore, filtered)
    expected = branch + normed(block.residual.projection, maps, stride=2)
    assert agree(outputs, functional.silu(expected), depth=depth_of(block))
    assert outputs.shape == (2, 6, 3, 3)


@pytest.mark.parametrize("shortcut", get_args(ResidualShortcut))
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("in_channels", [5, 6, 7])
def test_the_input_joins_where_its_shortcut_says(shortcut, stride, in_channels):
    block = spec.BasicResidual(out_channels=6, stride=stride, shortcut=shortcut)
    join = residual(block, in_channels).eval()
    images, branch = torch.ones(1, in_channels, 4, 4), torch.zeros(1, 6, 4, 4)
    size = -(-4 // stride)

    joined = join(branch[..., :size, :size].clone(), images)

    # A projection always; else never across a stride or into fewer channels.
    wanted = {
        "projection": 6,
        "partial": in_channels if stride == 1 and in_channels <= 6 else 0,
        "identity": 6 if stride == 1 and in_channels == 6 else 0,
        "none": 0,
    }
    assert int((joined.abs().sum((0, 2, 3)) > 0).sum()) == wanted[shortcut]


@pytest.mark.parametrize("build", [basic, bottleneck])
def test_a_dropped_branch_leaves_the_shortcut(build):
    block = build(6, stride=1, shortcut="identity", output_activation="linear").train()
    block.residual.drop_path.rate = 0.5
    maps = torch.randn(64, 6, 3, 3)

    outputs = block(maps)

    # Some images come back as they went in, the others do not.
    unchanged = (outputs == maps).flatten(1).all(1)
    assert 0 < unchanged.sum() < 64


@pytest.mark.parametrize("build", [basic, bottleneck])
@pytest.mark.parametrize("shortcut", ["projection", "partial", "none"])
def test_a_residual_block_sends_a_gradient_everywhere_and_leaves_its_input(
    build, shortcut
):
    block = build(stride=1, shortcut=shortcut).train()
    maps = torch.randn(2, 4, 5, 5)
    before = maps.clone()

    block(maps.requires_grad_()).square().sum().backward()

    # The sum is made in place; the input must not be.
    assert torch.equal(maps, before)
    assert maps.grad.abs().sum() > 0
    assert all(parameter.grad is not None for parameter in block.parameters())
