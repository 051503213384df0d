"""The batched structures against the same networks as modules of torch."""

import pytest
import torch
from torch import nn
from torch.nn.functional import batch_norm, conv2d, pad

from rexpand.blocks.activation import activation
from rexpand.rank.draws import Sizes, draw_batch, generator
from rexpand.rank.protocol import Protocol
from rexpand.rank.structures import STRUCTURES, forward, layers, normalise
from rounding import agree

ACTIVATIONS = ("linear", "relu", "silu")
SIZES = Sizes(d_in=3, d_out=7, expansion=2)


def drawn(structure, protocol, networks=2):
    stack = layers(structure, SIZES.d_in, SIZES.d_out, SIZES.expansion, protocol)
    sources = [
        generator(0, structure, 0.4, index, torch.device("cpu"))
        for index in range(networks)
    ]
    batch = draw_batch(protocol, 0.4, stack.convolutions, SIZES, sources, torch.float64)
    return stack, batch


def kernel(weight, convolution):
    """Weights as `conv2d` wants them; off the image of one pixel there is only padding."""
    size = convolution.kernel_size
    taps = torch.zeros(size**2, *weight.shape[1:], dtype=weight.dtype)
    if convolution.is_depthwise:
        found = weight.shape[0]
        taps[_there(size, found)] = weight
        return taps.T.reshape(convolution.out_channels, 1, size, size)
    found = weight.shape[0] // convolution.in_channels
    taps = torch.zeros(
        size**2, convolution.in_channels, weight.shape[1], dtype=weight.dtype
    )
    taps[_there(size, found)] = weight.view(found, convolution.in_channels, -1)
    return taps.permute(2, 1, 0).reshape(
        convolution.out_channels, convolution.in_channels, size, size
    )


def _there(size, found):
    return slice(None) if found == size**2 else slice(size**2 // 2, size**2 // 2 + 1)


def by_modules(stack, inputs, weights, name, protocol):
    """One network under one activation, as a page of plain torch."""
    images = inputs.permute(0, 3, 1, 2)
    features = images
    for convolution, weight in zip(stack.convolutions, weights, strict=True):
        features = conv2d(
            features,
            kernel(weight, convolution),
            padding=convolution.kernel_size // 2,
            groups=convolution.in_channels if convolution.is_depthwise else 1,
        )
        if protocol.norm == "before":
            features = batch_norm(features, None, None, training=True)
        if convolution.is_activated:
            is_relu6 = convolution.has_relu6 and name != "linear"
            features = activation("relu6" if is_relu6 else name)(features.clone())
        if protocol.norm == "after":
            features = batch_norm(features, None, None, training=True)
    if stack.has_shortcut:
        features = features + pad(images, (0, 0, 0, 0, 0, SIZES.d_out - SIZES.d_in))
    return features.permute(0, 2, 3, 1)


@pytest.mark.kernels
@pytest.mark.parametrize("norm", ["none", "before", "after"])
@pytest.mark.parametrize("spatial_size", [1, 2, 4])
@pytest.mark.parametrize("structure", STRUCTURES)
def test_every_network_and_curve_is_what_torch_makes_of_it(
    structure, spatial_size, norm
):
    protocol = Protocol(norm=norm, spatial_size=spatial_size, samples_per_channel=5)
    stack, batch = drawn(structure, protocol)

    found = forward(stack, batch.inputs, batch.weights, ACTIVATIONS, norm, True)

    for network in range(2):
        weights = [weight[network] for weight in batch.weights]
        for curve, name in enumerate(ACTIVATIONS):
            inputs = batch.inputs[network, 0]
            expected = by_modules(stack, inputs, weights, name, protocol)
            assert agree(found[network, curve], expected, depth=2 * len(weights))


@pytest.mark.kernels
@pytest.mark.parametrize("activated", ["first", "second", "all", "rexnet"])
@pytest.mark.parametrize("shortcut", ["equal", "none"])
def test_every_form_of_a_bottleneck_is_what_torch_makes_of_it(shortcut, activated):
    protocol = Protocol(shortcut=shortcut, activated=activated, samples_per_channel=5)
    stack, batch = drawn("inverted_bottleneck_dw", protocol)

    found = forward(stack, batch.inputs, batch.weights, ACTIVATIONS, "none", True)

    # 3 channels in and 7 out: neither form has a shortcut here.
    assert not stack.has_shortcut
    for network in range(2):
        weights = [weight[network] for weight in batch.weights]
        for curve, name in enumerate(ACTIVATIONS):
            inputs = batch.inputs[network, 0]
            expected = by_modules(stack, inputs, weights, name, protocol)
            assert agree(found[network, curve], expected, depth=2 * len(weights))


def test_activations_follow_the_convolutions_that_are_named():
    followed = {
        activated: [
            each.is_activated
            for each in layers(
                "inverted_bottleneck", 3, 7, 2, Protocol(activated=activated)
            ).convolutions
        ]
        for activated in ("both", "first", "second", "all", "rexnet")
    }

    assert followed == {
        "both": [True, True, False],
        "first": [True, False, False],
        "second": [False, True, False],
        "all": [True, True, True],
        "rexnet": [True, True, False],
    }


def test_an_equal_shortcut_needs_equal_channels():
    protocol = Protocol(shortcut="equal")

    assert layers("inverted_bottleneck", 7, 7, 2, protocol).has_shortcut
    assert not layers("inverted_bottleneck", 3, 7, 2, protocol).has_shortcut


def test_an_expansion_of_one_may_have_no_first_convolution():
    protocol = Protocol(expands_by_one=False)

    kernels = {
        expansion: [
            each.kernel_size
            for each in layers(
                "inverted_bottleneck_dw", 3, 7, expansion, protocol
            ).convolutions
        ]
        for expansion in (1, 2)
    }

    assert kernels == {1: [3, 1], 2: [1, 3, 1]}


def test_without_any_activation_all_curves_are_linear():
    protocol = Protocol(expands_by_one=False, activated="first")
    stack = layers("inverted_bottleneck", 3, 7, 1, protocol)
    inputs = torch.rand(1, 1, 20, 1, 1, 3)
    weights = [torch.randn(1, 3, 3), torch.randn(1, 3, 7)]

    found = forward(stack, inputs, weights, ACTIVATIONS, "none", True)

    assert found.shape[1] == len(ACTIVATIONS)
    assert torch.equal(found[:, 0], found[:, 2])


@pytest.mark.kernels
@pytest.mark.parametrize("structure", ["conv3x3", "inverted_bottleneck"])
@pytest.mark.parametrize(("spatial_size", "reach"), [(1, 1), (4, 9)])
def test_on_one_pixel_a_3x3_is_a_1x1(structure, spatial_size, reach):
    protocol = Protocol(spatial_size=spatial_size, samples_per_channel=20)
    stack, batch = drawn(structure, protocol)

    features = forward(stack, batch.inputs, batch.weights, ("linear",), "none", True)

    # A linear 3x3 sees nine pixels, so nine times the input channels, if there are nine.
    rank = torch.linalg.matrix_rank(features[0, 0].reshape(-1, SIZES.d_out))
    assert rank == min(SIZES.d_out, reach * SIZES.d_in)


def test_the_shortcut_joins_the_first_channels_only():
    protocol = Protocol()
    stack, batch = drawn("inverted_bottleneck_dw", protocol)
    zeros = [torch.zeros_like(weight) for weight in batch.weights]

    found = forward(stack, batch.inputs, zeros, ("relu",), "none", True)

    assert torch.equal(found[:, :1, ..., :3], batch.inputs)
    assert not found[..., 3:].any()


def test_without_centring_the_norm_only_scales():
    features = 5 + torch.randn(1, 1, 100, 1, 1, 4, dtype=torch.float64)

    scaled = normalise(features, centres=False)

    deviation = features.std(2, correction=0, keepdim=True)
    assert torch.allclose(scaled * deviation, features, rtol=1e-4)
    assert scaled.mean() > 3


def test_the_activation_works_on_its_own_curve():
    protocol = Protocol()
    stack, batch = drawn("conv1x1", protocol)

    both = forward(stack, batch.inputs, batch.weights, ("relu", "linear"), "none", True)
    linear = forward(stack, batch.inputs, batch.weights, ("linear",), "none", True)

    # ReLU in place must not reach the linear curve beside it.
    assert torch.equal(both[:, 1:], linear)
    assert torch.equal(both[:, :1], nn.functional.relu(linear))
