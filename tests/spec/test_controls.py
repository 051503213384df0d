"""One change to a network of any family: spec in, spec out."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rexpand.cost import cost_of
from rexpand.errors import MistakeError, SpecError, UnknownNameError
from rexpand.spec import (
    CATALOGUE,
    Convolution,
    NetworkSpec,
    SqueezeExcite,
    for_cifar,
    network,
    positions,
    with_activation,
    with_multiple_of,
    with_output_stride,
    with_squeeze_excite,
)

# One network a family: the controls follow the kinds of block, not the widths.
FAMILIES = {network(name).family: name for name in CATALOGUE}
NAMES = sorted(FAMILIES.values())


def strides(spec: NetworkSpec) -> int:
    total = spec.stem.stride * spec.stem.pool_stride
    for block in spec.blocks:
        total *= block.stride
    return total


def reachable(spec: NetworkSpec) -> set[int]:
    """The strides that the network's maps have."""
    total = spec.stem.stride * spec.stem.pool_stride
    return {total} | {total := total * block.stride for block in spec.blocks}


@pytest.mark.parametrize("name", NAMES)
def test_width_mult_changes_the_cost_about_quadratically(name):
    narrow, wide = (cost_of(network(name, width_mult=mult)).macs for mult in (0.5, 1.0))

    # Half the channels: a quarter of a 1x1, half of a depthwise layer or of a stem.
    assert wide / 5 < narrow < wide / 1.5


@pytest.mark.parametrize("name", NAMES)
def test_depth_mult_repeats_blocks(name):
    deep, plain = network(name, depth_mult=2.0), network(name, depth_mult=1.0)

    assert plain.depth < deep.depth <= 2 * plain.depth
    assert strides(deep) == strides(plain)
    assert cost_of(deep).macs > cost_of(plain).macs


@pytest.mark.parametrize("multiplier", ["width_mult", "depth_mult"])
@pytest.mark.parametrize("value", [0, -1.0, 1e9, float("nan"), float("inf")])
@pytest.mark.parametrize("name", NAMES)
def test_a_multiplier_that_leaves_nothing_is_refused(name, multiplier, value):
    with pytest.raises(SpecError, match=f"{multiplier} is {value}; give more than 0"):
        network(name, **{multiplier: value})


@pytest.mark.parametrize("name", NAMES)
def test_the_cifar_form_keeps_channels_and_ends_in_four_pixels(name):
    spec, small = network(name), network(name, input="cifar")

    assert small.sizes()[-1] >= 4
    assert small.stem.stride == 1
    assert small.channels == spec.channels
    assert cost_of(small).params <= cost_of(spec).params  # a stem kernel may be smaller
    assert for_cifar(small) == small


def test_a_network_that_shrinks_without_strides_has_no_cifar_form():
    spec = network("search_18")
    unpadded = Convolution(out_channels=8, kernel_size=7, padded=False)
    spec = replace(spec, blocks=(unpadded,) * 5, resolution=64)

    # Every 7x7 convolution takes six pixels: of 32, five of them leave two.
    with pytest.raises(SpecError, match="has no form for images of 32 pixels"):
        for_cifar(spec)


@pytest.mark.parametrize("name", NAMES)
def test_the_cifar_form_of_a_network_is_smaller_than_its_imagenet_form(name):
    spec = network(name)

    if spec.resolution > 32:
        assert cost_of(network(name, input="cifar")).macs < cost_of(spec).macs


@pytest.mark.parametrize("output_stride", [8, 16, 32])
@pytest.mark.parametrize("name", NAMES)
def test_output_stride_holds_or_is_refused_in_one_line(name, output_stride):
    spec = network(name)
    if output_stride not in reachable(spec):
        with pytest.raises(SpecError, match=f"output_stride {output_stride} .*{name}"):
            with_output_stride(spec, output_stride)
        return

    changed = with_output_stride(spec, output_stride)

    # Larger maps, the same weights.
    assert strides(changed) == output_stride
    assert cost_of(changed).params == cost_of(spec).params
    assert changed.sizes()[-1] >= spec.sizes()[-1]


def test_blocks_after_a_removed_stride_are_dilated():
    changed = with_output_stride(network("mobilenetv2_100"), 16)

    # As in timm: the block with the stride reaches as far as before, those after it
    # twice as far.
    assert [block.dilation for block in changed.blocks[-5:]] == [1, 1, 2, 2, 2]
    assert with_output_stride(network("mobilenetv2_100"), 32) == network(
        "mobilenetv2_100"
    )


def test_an_output_stride_that_cannot_be_is_refused_with_those_that_can():
    with pytest.raises(
        SpecError, match=r"output_stride 12 .*choose from 2, 4, 8, 16, 32"
    ):
        with_output_stride(network("mobilenetv2_100"), 12)


@pytest.mark.parametrize("name", NAMES)
def test_every_position_takes_another_activation(name):
    spec = network(name)
    places = positions(spec)

    for place in places:
        changed = with_activation(spec, place, "elu")
        assert changed != spec
        assert cost_of(changed) == cost_of(spec)  # nonlinearities are free

    assert {"stem", "head"} < set(places)


def test_an_unknown_position_is_refused_with_those_there_are():
    spec = network("rexnet_100")

    with pytest.raises(UnknownNameError, match="expand, depthwise, project"):
        with_activation(spec, "middle", "silu")
    with pytest.raises(SpecError, match="activation 'gelu' is unknown"):
        with_activation(spec, "expand", "gelu")


@pytest.mark.parametrize("name", NAMES)
def test_squeeze_excite_is_put_into_every_block_and_taken_out(name):
    spec = network(name)
    squeezed = with_squeeze_excite(spec, SqueezeExcite(reduction=4))
    plain = with_squeeze_excite(spec, None)

    assert cost_of(plain).params <= cost_of(spec).params
    assert cost_of(plain).params < cost_of(squeezed).params
    assert with_squeeze_excite(squeezed, None) == plain


@pytest.mark.parametrize("multiple_of", [1, 8, 16])
@pytest.mark.parametrize("name", NAMES)
def test_every_width_becomes_a_multiple(name, multiple_of):
    spec = with_multiple_of(network(name), multiple_of)

    widths = (spec.stem.out_channels, *spec.channels, spec.head.channels)
    assert {width % multiple_of for width in widths} == {0}


@given(name=st.sampled_from(NAMES), text=st.text(max_size=3))
def test_a_mistake_is_never_a_traceback(name, text):
    with pytest.raises(MistakeError):
        with_activation(network(name), f"?{text}", "relu")
