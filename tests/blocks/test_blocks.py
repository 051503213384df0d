from typing import get_args

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from rexpand import spec
from rexpand.blocks import (
    ConvNorm,
    DepthwiseSeparable,
    Head,
    InvertedBottleneck,
    SqueezeExcite,
    activation,
    add_shortcut,
    global_pool,
)
from rexpand.errors import UnknownNameError
from rexpand.spec import Activation, Gate
from rounding import agree, depth_of

WIDTHS = st.integers(1, 12)
FORMULAS = {
    "linear": lambda x: x,
    "relu": lambda x: x.clamp(min=0),
    "relu6": lambda x: x.clamp(0, 6),
    "leaky_relu": lambda x: torch.where(x > 0, x, 0.01 * x),
    "elu": lambda x: torch.where(x > 0, x, x.exp() - 1),
    "softplus": lambda x: (1 + x.exp()).log(),
    "hard_swish": lambda x: x * (x + 3).clamp(0, 6) / 6,
    "silu": lambda x: x / (1 + (-x).exp()),
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "hard_sigmoid": lambda x: (x + 3).clamp(0, 6) / 6,
}


def images(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def bottleneck(in_channels: int = 4, **changed) -> nn.Module:
    fields = {
        "out_channels": 6,
        "expand_ratio": 2.0,
        "expand_activation": "silu",
        "depthwise_activation": "relu6",
    }
    return InvertedBottleneck(
        spec.InvertedBottleneck(**(fields | changed)), in_channels
    )


@pytest.mark.kernels
@pytest.mark.parametrize("name", sorted({*get_args(Activation), *get_args(Gate)}))
def test_every_nonlinearity_of_a_spec_is_its_formula(name):
    numbers = torch.linspace(-8, 8, 101, dtype=torch.float64)

    outputs = activation(name)(numbers.clone())

    assert agree(outputs, FORMULAS[name](numbers), depth=1)


def test_a_nonlinearity_of_another_name_is_refused_with_the_names_there_are():
    with pytest.raises(UnknownNameError, match=r"'gelu'.*relu6, .*silu"):
        activation("gelu")


@settings(deadline=None)
@given(inputs=WIDTHS, extra=st.integers(0, 9), size=st.integers(1, 5))
def test_a_partial_shortcut_adds_to_the_first_channels(inputs, extra, size):
    outputs = images(2, inputs + extra, size, size)
    incoming = images(2, inputs, size, size, seed=1)

    joined = add_shortcut(outputs, incoming, missing=extra)

    # The definition of the official release (arXiv 2007.00992).
    expected = outputs.clone()
    expected[:, :inputs] += incoming
    assert torch.equal(joined, expected)
    assert joined.data_ptr() != outputs.data_ptr()


def test_a_partial_shortcut_sends_the_gradient_both_ways():
    outputs = images(1, 5, 2, 2).requires_grad_()
    incoming = images(1, 3, 2, 2).requires_grad_()
    weights = images(1, 5, 2, 2, seed=2)

    (add_shortcut(outputs, incoming, missing=2) * weights).sum().backward()

    assert torch.equal(outputs.grad, weights)
    assert torch.equal(incoming.grad, weights[:, :3])


@given(size=st.integers(1, 9))
def test_global_pooling_is_the_mean(size):
    maps = images(2, 3, size, size).double()

    assert agree(global_pool(maps), maps.mean((2, 3), keepdim=True), depth=1)


@pytest.mark.parametrize("kernel_size", [1, 3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 6, 7])
def test_maps_shrink_by_the_stride_rounded_up(kernel_size, stride, size):
    layer = ConvNorm(2, 3, kernel_size=kernel_size, stride=stride)

    outputs = layer(images(2, 2, size, size + 1))

    # ceil(height / stride), whatever the odd kernel.
    assert outputs.shape == (2, 3, -(-size // stride), -(-(size + 1) // stride))


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
def test_squeeze_excite_multiplies_each_channel_by_a_gate():
    layer = SqueezeExcite(spec.SqueezeExcite(reduction=3), 6, 2)
    maps = images(2, 6, 3, 3)

    outputs = layer(maps)

    # Pool, 1x1, ReLU, 1x1, sigmoid: by plain matrix products.
    pooled = maps.mean((2, 3))
    squeezed = functional.relu(
        functional.linear(pooled, layer.reduce.weight.flatten(1), layer.reduce.bias)
    )
    gates = functional.linear(
        squeezed, layer.expand.weight.flatten(1), layer.expand.bias
    )
    assert agree(
        outputs, maps * gates.sigmoid()[:, :, None, None], depth=depth_of(layer)
    )


def test_squeeze_excite_has_a_norm_only_if_asked():
    plain = spec.SqueezeExcite(reduction=3)
    normed = spec.SqueezeExcite(reduction=3, norm=True)

    assert isinstance(SqueezeExcite(normed, 6, 2).norm, nn.BatchNorm2d)
    assert isinstance(SqueezeExcite(plain, 6, 2).norm, nn.Identity)


class Doubling(nn.Module):
    """A squeeze-excite that shows where it stands: ReLU6(2x) is not 2 ReLU6(x)."""

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        return 2 * maps


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("position", ["before_activation", "after_activation"])
def test_squeeze_excite_stands_where_the_spec_says(position):
    squeeze = spec.SqueezeExcite(reduction=1, position=position)
    block = bottleneck(squeeze_excite=squeeze).eval()
    block.squeeze_excite = Doubling()
    nn.init.constant_(block.depthwise.norm.bias, 4.0)
    maps = images(1, 4, 3, 3)

    outputs = block(maps)

    middle = block.depthwise(block.expand(maps))
    first, second = (Doubling(), functional.relu6)[:: -1 if "after" in position else 1]
    expected = add_shortcut(block.project(second(first(middle.clone()))), maps, 2)
    assert agree(outputs, expected, depth=depth_of(block))
    other = add_shortcut(block.project(first(second(middle.clone()))), maps, 2)
    assert (outputs - other).abs().max() > 1e-3


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
def test_an_inverted_bottleneck_is_its_formula():
    block = bottleneck().eval()
    maps = images(2, 4, 5, 5)

    outputs = block(maps)

    # Expand, SiLU, depthwise, ReLU6, project; the first 4 of 6 outputs get the input.
    def normed(layer, x, groups=1, padding=0):
        convolved = functional.conv2d(
            x, layer.conv.weight, groups=groups, padding=padding
        )
        return convolved / (1 + layer.norm.eps) ** 0.5

    hidden = functional.silu(normed(block.expand, maps))
    hidden = functional.relu6(normed(block.depthwise, hidden, groups=8, padding=1))
    expected = normed(block.project, hidden)
    expected[:, :4] += maps
    assert agree(outputs, expected, depth=depth_of(block))


def test_a_bottleneck_that_does_not_expand_has_no_first_convolution():
    block = bottleneck(expand_ratio=1)

    assert isinstance(block.expand, nn.Identity)
    assert block.depthwise.conv.groups == 4


@pytest.mark.parametrize(
    ("changes", "has_shortcut"),
    [
        ({}, True),
        ({"stride": 2}, False),
        ({"shortcut": "none"}, False),
        ({"shortcut": "identity"}, False),
        ({"in_channels": 7}, False),
        ({"in_channels": 6, "shortcut": "identity"}, True),
    ],
)
def test_a_bottleneck_has_the_shortcut_of_its_widths(changes, has_shortcut):
    assert bottleneck(**changes).has_shortcut == has_shortcut


def separable(stride: int, out_channels: int, shortcut: str) -> nn.Module:
    block = spec.DepthwiseSeparable(
        out_channels=out_channels,
        stride=stride,
        pointwise_activation="silu",
        shortcut=shortcut,
    )
    return DepthwiseSeparable(block, 4)


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
def test_a_depthwise_separable_block_filters_then_mixes():
    block = separable(2, 6, "none").eval()
    maps = images(1, 4, 5, 5)

    outputs = block(maps)

    # One 3x3 filter per channel with ReLU, then a 1x1 with SiLU.
    scale = (1 + block.depthwise.norm.eps) ** -0.5
    weight = block.depthwise.conv.weight
    filtered = functional.conv2d(maps, weight, stride=2, padding=1, groups=4)
    mixed = functional.conv2d((filtered * scale).relu(), block.pointwise.conv.weight)
    assert agree(outputs, functional.silu(mixed * scale), depth=depth_of(block))
    assert outputs.shape == (1, 6, 3, 3)


def test_a_depthwise_separable_block_may_have_a_shortcut():
    block = separable(1, 4, "identity").eval()
    maps = images(1, 4, 5, 5)

    without = block.pointwise(block.depthwise(maps))

    assert torch.equal(block(maps), without + maps)


def head(num_classes: int, hidden: int = 0) -> Head:
    return Head(5, num_classes, hidden=hidden, activation="relu6", dropout=0.5)


@pytest.mark.parametrize(
    ("num_classes", "hidden", "features"), [(3, 0, 3), (3, 7, 3), (0, 7, 7), (0, 0, 5)]
)
def test_a_head_gives_scores_or_features(num_classes, hidden, features):
    outputs = head(num_classes, hidden).eval()(images(2, 5, 3, 3))

    # Without classes, what the classifier would have seen.
    assert outputs.shape == (2, features)


def test_the_penultimate_features_have_no_dropout():
    layer = head(3, hidden=7)
    maps = images(4, 5, 3, 3)

    # In training too: the same twice, where the scores differ.
    assert torch.equal(layer.penultimate(maps), layer.penultimate(maps))
    assert not torch.equal(layer(maps), layer(maps))


@pytest.mark.parametrize("training", [True, False])
def test_a_block_leaves_its_input_alone(training):
    block = bottleneck().train(training)
    maps = images(2, 4, 5, 5)
    before = maps.clone()

    block(maps)

    # Activations work in place, but never on what came from outside.
    assert torch.equal(maps, before)
