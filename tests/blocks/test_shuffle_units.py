"""The units of ShuffleNetV1 and V2 are their formulas."""

import pytest
import torch
from torch.nn import functional

from rexpand import spec
from rexpand.blocks import ShuffleV1, ShuffleV2
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

MAPS = torch.linspace(-2, 2, 2 * 12 * 6 * 6).sin().view(2, 12, 6, 6).double()


def unit_v1(out_channels: int = 12, **changes) -> ShuffleV1:
    block = spec.ShuffleV1(
        out_channels=out_channels, inner_ratio=6 / out_channels, **changes
    )
    torch.manual_seed(0)
    return ShuffleV1(block, 12).eval()


def unit_v2(**changes) -> ShuffleV2:
    block = spec.ShuffleV2(out_channels=12, output_activation="silu", **changes)
    torch.manual_seed(0)
    return ShuffleV2(block, 12).eval()


@pytest.mark.kernels
def test_v1_adds_its_input_before_the_last_activation():
    unit = unit_v1()

    outputs = unit(MAPS)

    reduced = unit.reduce.norm(unit.reduce.conv(MAPS)).relu()
    # Three groups of two, one of each in turn.
    shuffled = reduced[:, [0, 2, 4, 1, 3, 5]]
    made = unit.restore(unit.depthwise(shuffled))
    assert agree(outputs, functional.relu(made + MAPS), depth=depth_of(unit))
    # Nothing stands between the depthwise convolution and the last 1x1.
    assert (unit.depthwise(shuffled) < 0).any()


@pytest.mark.kernels
def test_v1_puts_its_pooled_input_before_its_own_outputs():
    unit = unit_v1(18, stride=2, shortcut="concatenate")

    outputs = unit(MAPS)

    made = unit.restore(unit.depthwise(unit.shuffle(unit.reduce(MAPS)))).relu()
    pooled = functional.avg_pool2d(MAPS, 3, 2, padding=1)
    assert agree(outputs, torch.cat((pooled, made), 1), depth=depth_of(unit))


@pytest.mark.kernels
def test_v1_without_groups_does_not_shuffle():
    unit = unit_v1(groups=1, reduce_groups=1)

    made = unit.restore(unit.depthwise(unit.reduce(MAPS)))
    assert agree(unit(MAPS), (made + MAPS).relu(), depth=depth_of(unit))


@pytest.mark.kernels
def test_v2_lets_the_first_half_pass_and_shuffles():
    unit = unit_v2()

    outputs = unit(MAPS)

    branch = unit.restore(unit.depthwise(unit.reduce(MAPS[:, 6:])))
    # One of either half in turn.
    assert torch.equal(outputs[:, ::2], MAPS[:, :6])
    assert agree(outputs[:, 1::2], branch, depth=depth_of(unit))


@pytest.mark.kernels
def test_v2_sends_the_whole_input_both_ways_where_it_does_not_split():
    unit = unit_v2(split=False, stride=2)

    outputs = unit(MAPS)

    branch = unit.restore(unit.depthwise(unit.reduce(MAPS)))
    assert agree(outputs[:, ::2], unit.beside(MAPS), depth=depth_of(unit))
    assert agree(outputs[:, 1::2], branch, depth=depth_of(unit))
    # The other side's depthwise convolution has no activation, its 1x1 has.
    assert [len(layer.conv.weight) for layer in unit.beside] == [12, 6]
    assert (unit.beside[0](MAPS) < -0.3).any()


@pytest.mark.parametrize(("size", "halved"), [(1, 1), (5, 3), (6, 3), (7, 4)])
def test_strides_take_odd_sizes(size, halved):
    maps = torch.randn(1, 12, size, size)
    first = unit_v1(18, stride=2, shortcut="concatenate")
    second = unit_v2(split=False, stride=2)

    assert first(maps).shape[1:] == (18, halved, halved)
    assert second(maps).shape[1:] == (12, halved, halved)


@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("kernel_size", [3, 5])
def test_dilation_and_kernel_keep_the_size(kernel_size, dilation):
    shape = {"kernel_size": kernel_size, "dilation": dilation}

    assert unit_v1(**shape)(MAPS).shape == MAPS.shape
    assert unit_v2(**shape)(MAPS).shape == MAPS.shape


def test_v1_without_its_shuffle_hears_nothing_of_another_group():
    unit, maps = unit_v1(shuffle=False), MAPS.clone().requires_grad_()

    unit(maps)[:, :4].sum().backward()

    # The first of three groups of four outputs, from the first four inputs alone.
    assert maps.grad[:, :4].abs().sum() > 0
    assert maps.grad[:, 4:].abs().sum() == 0
