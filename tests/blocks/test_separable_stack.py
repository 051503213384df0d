"""Xception's blocks: the stack of separable convolutions, and the plain convolution."""

import pytest
import torch
from torch.nn import functional

from rexpand import spec
from rexpand.blocks import Convolution, SeparableStack
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")


def stack(**changes) -> SeparableStack:
    fields = {"out_channels": 6, "shortcut": "projection"}
    torch.manual_seed(0)
    return SeparableStack(spec.SeparableStack(**(fields | changes)), 4).eval()


@pytest.mark.kernels
def test_a_stack_is_its_formula():
    block, maps = stack(stride=2), torch.randn(2, 4, 7, 7)

    outputs = block(maps)

    # ReLU before each, nothing between depthwise and pointwise, pooling last.
    scale = (1 + 1e-5) ** -0.5
    branch = maps
    for layer in (block.layers[0], block.layers[2]):
        groups = branch.shape[1]
        branch = functional.conv2d(
            branch.relu(), layer.depthwise.weight, padding=1, groups=groups
        )
        branch = functional.conv2d(branch, layer.pointwise.weight) * scale
    pooled = functional.max_pool2d(branch, 3, 2, padding=1)
    projection = block.residual.projection.conv.weight
    expected = pooled + functional.conv2d(maps, projection, stride=2) * scale
    assert agree(outputs, expected, depth=depth_of(block))
    assert outputs.shape == (2, 6, 4, 4)


@pytest.mark.parametrize(
    "name", ["relu", "relu6", "silu", "hard_swish", "elu", "leaky_relu"]
)
def test_the_first_activation_leaves_the_input_to_the_shortcut(name):
    block = stack(input_activation=name).train()
    maps = torch.randn(2, 4, 5, 5)
    before = maps.clone()

    block(maps.requires_grad_()).square().sum().backward()

    assert torch.equal(maps, before)
    assert all(parameter.grad is not None for parameter in block.parameters())


def test_an_activation_after_the_stack_clips_its_sum():
    block = stack(repeats=1, output_activation="relu", shortcut="none")
    maps = torch.randn(2, 4, 5, 5)

    outputs = block(maps)

    assert outputs.min() == 0
    assert outputs.max() > 0
    assert len(block.layers) == 1


def convolution(**changes) -> Convolution:
    return Convolution(spec.Convolution(out_channels=6, **changes), 4).eval()


@pytest.mark.parametrize("kernel_size", [1, 3, 5])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("dilation", [1, 2])
def test_a_convolution_without_padding_loses_its_border(kernel_size, stride, dilation):
    geometry = {"kernel_size": kernel_size, "stride": stride, "dilation": dilation}
    maps = torch.randn(1, 4, 12, 12)

    padded = convolution(**geometry)(maps)
    bare = convolution(padded=False, **geometry)(maps)

    inside = 12 - dilation * (kernel_size - 1)
    assert padded.shape == (1, 6, -(-12 // stride), -(-12 // stride))
    assert bare.shape == (1, 6, -(-inside // stride), -(-inside // stride))
