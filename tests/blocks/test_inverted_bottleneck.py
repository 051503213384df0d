"""The inverted bottleneck's forms: groups and shuffle, a kept 1x1, the squeezed width."""

import pytest
import torch
from torch.nn.functional import conv2d

from rexpand.blocks import InvertedBottleneck as Module
from rexpand.blocks import build_block
from rexpand.blocks.channel_shuffle import ChannelShuffle
from rexpand.cost.blocks.inverted_bottleneck import inverted_bottleneck_cost
from rexpand.errors import SpecError
from rexpand.size import Size
from rexpand.spec import InvertedBottleneck, SqueezeExcite
from rexpand.trace import measure
from rounding import agree, depth_of

pytestmark = pytest.mark.usefixtures("float64")

IMAGES = torch.randn(2, 8, 7, 7, generator=torch.Generator().manual_seed(0)).double()
META = torch.device("meta")


def linear_block(**fields) -> InvertedBottleneck:
    """A block without nonlinearity, so that it is a chain of three convolutions."""
    return InvertedBottleneck(
        out_channels=12,
        expand_activation="linear",
        depthwise_activation="linear",
        shortcut="none",
        **fields,
    )


def normed(maps: torch.Tensor) -> torch.Tensor:
    """A fresh batch norm in evaluation: the variance is 1 and an epsilon."""
    return maps / (1 + 1e-5) ** 0.5


def test_a_shuffle_deals_the_channels_of_its_groups_in_turn():
    maps = torch.arange(6.0).view(1, 6, 1, 1)

    dealt = ChannelShuffle(2)(maps).flatten().tolist()

    assert dealt == [0, 3, 1, 4, 2, 5]
    assert ChannelShuffle(3)(ChannelShuffle(2)(maps)).equal(maps)


@pytest.mark.kernels
@pytest.mark.parametrize("groups", [1, 2, 4])
def test_groups_shuffle_between_the_first_1x1_and_the_depthwise(groups):
    module = build_block(linear_block(groups=groups, expand_ratio=2.0), 8).eval()
    assert isinstance(module, Module)

    with torch.no_grad():
        outputs = module(IMAGES)
        maps = normed(conv2d(IMAGES, module.expand.conv.weight, groups=groups))
        dealt = maps.view(2, groups, -1, 7, 7).transpose(1, 2).flatten(1, 2)
        kernels = module.depthwise.conv.weight
        maps = normed(conv2d(dealt, kernels, padding=1, groups=16))
        expected = normed(conv2d(maps, module.project.conv.weight, groups=groups))

    assert agree(outputs, expected, depth=depth_of(module))


@pytest.mark.kernels
def test_without_a_first_1x1_the_inputs_are_shuffled():
    module = build_block(linear_block(groups=2, expand_ratio=1.0), 8).eval()
    assert isinstance(module, Module)

    with torch.no_grad():
        dealt = ChannelShuffle(2)(IMAGES)
        kernels = module.depthwise.conv.weight
        maps = normed(conv2d(dealt, kernels, padding=1, groups=8))
        expected = normed(conv2d(maps, module.project.conv.weight, groups=2))

        # FBNet's blocks that expand by 1.
        assert agree(module(IMAGES), expected, depth=depth_of(module))


@pytest.mark.parametrize(
    "block",
    [
        linear_block(groups=2, expand_ratio=3.0),
        linear_block(groups=4, expand_ratio=1.0),
        linear_block(always_expands=True, expand_ratio=1.0, groups=2),
        linear_block(
            squeeze_excite=SqueezeExcite(reduction=4), squeeze_reference="inputs"
        ),
        linear_block(
            squeeze_excite=SqueezeExcite(reduction=3, multiple_of=8, norm=True),
            squeeze_reference="inputs",
            expand_ratio=2.5,
            expand_multiple=8,
            dilation=2,
            kernel_size=5,
            stride=2,
        ),
    ],
    ids=["groups", "groups-only", "kept-1x1", "inputs", "all"],
)
@pytest.mark.parametrize("size", [7, 16])
def test_the_cost_is_what_counters_count(block, size):
    with META:
        module = build_block(block, 8)

    cost = inverted_bottleneck_cost(block, 8, 12, Size.of(size))

    assert cost == measure(module, (8, size, size))


def test_a_kept_1x1_maps_as_many_channels():
    kept = build_block(linear_block(always_expands=True, expand_ratio=1.0), 8)
    dropped = build_block(linear_block(expand_ratio=1.0), 8)

    assert isinstance(kept, Module)
    assert kept.expand.conv.weight.shape == (8, 8, 1, 1)
    names = [name for name, _ in dropped.named_parameters()]
    assert not any(name.startswith("expand") for name in names)


def test_the_squeezed_width_is_of_the_inputs_or_of_the_expanded():
    squeeze = SqueezeExcite(reduction=4)
    inputs = linear_block(squeeze_excite=squeeze, squeeze_reference="inputs")
    expanded = linear_block(squeeze_excite=squeeze)

    assert (inputs.squeezed(40), expanded.squeezed(40)) == (10, 60)
    # At least one channel is left.
    assert inputs.squeezed(3) == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"groups": 0}, "groups is 0; give 1 to 65536"),
        ({"groups": 5}, "groups 5 do not divide the 12 outputs of a block; give 10"),
        ({"squeeze_reference": "input"}, "squeeze_reference 'input' is unknown"),
    ],
)
def test_a_mistake_is_named(fields, message):
    with pytest.raises(SpecError, match=message):
        linear_block(**fields)


def test_groups_that_do_not_divide_the_inputs_are_refused():
    block = linear_block(groups=4)

    with pytest.raises(SpecError, match="groups 4 do not divide the 6 inputs"):
        block.check_input(6)
