import pytest

from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.spec import Fire, network

NAMES = ("squeezenet_1_0", "squeezenet_1_1")


@pytest.mark.parametrize("name", NAMES)
def test_fire_modules_have_the_widths_of_the_papers_table(name):
    blocks = network(name).blocks

    # Table 1: s1x1, e1x1 and e3x3 of fire2 to fire9.
    squeezed = [int(block.squeezed(block.out_channels)) for block in blocks]
    wide = [int(block.wide(block.out_channels)) for block in blocks]
    assert squeezed == [16, 16, 32, 32, 48, 48, 64, 64]
    assert wide == [64, 64, 128, 128, 192, 192, 256, 256]


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("squeezenet_1_0", (55, 55, 55, 27, 27, 27, 27, 13)),
        ("squeezenet_1_1", (56, 56, 28, 28, 14, 14, 14, 14)),
    ],
)
def test_maps_have_the_sizes_of_caffe_at_227(name, sizes):
    # After pool1, pool4 and pool8 of 1.0; pool1, pool3 and pool5 of 1.1.
    assert network(name).sizes(227) == sizes


def test_a_squeezed_eighth_stays_whole_at_any_width():
    for width_mult in (0.25, 0.6, 1.7):
        spec = network("squeezenet_1_0", width_mult=width_mult)

        for block in spec.blocks:
            assert block.squeezed(block.out_channels) == block.out_channels / 8


def test_depth_multiplies_the_fire_modules_but_no_pooling():
    deep = network("squeezenet_1_1", depth_mult=2)

    assert deep.depth == 16
    assert [block.stride for block in deep.blocks].count(2) == 2
    assert cost_of(deep).params > cost_of(network("squeezenet_1_1")).params


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"out_channels": 1}, "1 channels leaves its 1x1 none"),
        ({"out_channels": 8, "wide_ratio": 0.99}, "8 channels leaves its 1x1 none"),
        ({"out_channels": 8, "squeeze_ratio": 0}, "squeeze_ratio is 0"),
        ({"out_channels": 8, "wide_ratio": 1.0}, "wide_ratio is 1.0"),
        ({"out_channels": 8, "stride": 4}, "stride 4 of a fire module"),
    ],
)
def test_a_fire_module_that_cannot_be_is_refused(fields, message):
    with pytest.raises(SpecError, match=message):
        Fire(**fields)


def test_an_image_that_the_poolings_use_up_is_refused():
    # torchvision's own least sides.
    assert network("squeezenet_1_0").sizes(21)[-1] == 1
    with pytest.raises(SpecError, match="resolution 20 leaves no pixel for block 8"):
        network("squeezenet_1_0").sizes(20)
