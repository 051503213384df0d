"""CondenseNet's layer at test time is its formula."""

import pytest
import torch
from torch.nn import functional

from rexpand import spec
from rexpand.blocks import CondensedLinear, Dense
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

MAPS = torch.linspace(-2, 2, 2 * 8 * 6 * 6).sin().view(2, 8, 6, 6).double()


def dense(**changes) -> Dense:
    block = spec.Dense(
        out_channels=12,
        groups=2,
        inner_ratio=2.0,
        inner_activation="silu",
        **changes,
    )
    torch.manual_seed(0)
    return Dense(block, 8).eval()


@pytest.mark.kernels
def test_it_puts_what_chosen_inputs_make_after_its_input():
    layer = dense()
    layer.reduce.index.copy_(torch.tensor([5, 1, 1, 7]))

    outputs = layer(MAPS)

    # Group 0 sees inputs 5 and 1, group 1 sees 1 and 7: half of them unseen, one twice.
    reduce, expand = layer.reduce.reduce, layer.filter
    seen = reduce.norm(MAPS[:, [5, 1, 1, 7]]).relu()
    weight = reduce.conv.weight
    first = functional.conv2d(seen[:, :2], weight[:4])
    second = functional.conv2d(seen[:, 2:], weight[4:])
    inner = torch.stack((first, second), 2).flatten(1, 2)  # one of each in turn
    grown = expand.conv(functional.silu(expand.norm(inner)))
    assert agree(outputs, torch.cat((MAPS, grown), 1), depth=depth_of(layer))


@pytest.mark.kernels
@pytest.mark.parametrize(("size", "halved"), [(1, 1), (5, 3), (6, 3), (7, 4)])
def test_its_stride_is_an_average_pooling_before_all(size, halved):
    layer, maps = dense(stride=2), torch.randn(1, 8, size, size)

    outputs = layer(maps)

    pooled = functional.avg_pool2d(maps, 2, ceil_mode=True)
    assert outputs.shape == (1, 12, halved, halved)
    assert torch.equal(outputs[:, :8], pooled)
    # The last pixel of an odd side is averaged over what is there.
    corner = maps[..., 2 * halved - 2 :, 2 * halved - 2 :].mean((2, 3))
    assert agree(pooled[..., -1, -1], corner, depth=depth_of(layer))


@pytest.mark.parametrize("dilation", [1, 2])
def test_dilation_keeps_the_size(dilation):
    assert dense(dilation=dilation, kernel_size=5)(MAPS).shape == (2, 12, 6, 6)


@pytest.mark.kernels
def test_a_condensed_classifier_sees_the_features_of_its_index():
    layer = CondensedLinear(6, 3, condense_factor=2, bias=False)
    layer.index.copy_(torch.tensor([4, 0, 3]))
    features = torch.randn(2, 6)

    expected = features[:, [4, 0, 3]] @ layer.linear.weight.T
    assert agree(layer(features), expected, depth=depth_of(layer))
