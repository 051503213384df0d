import pytest

from rexpand.errors import SpecError
from rexpand.spec import ResidualBottleneck, network, with_multiple_of


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("resnet50", (64, 128, 256, 512)),
        ("resnext50_32x4d", (128, 256, 512, 1024)),
        ("resnext101_32x4d", (128, 256, 512, 1024)),
        ("resnext101_32x8d", (256, 512, 1024, 2048)),
        ("resnext101_64x4d", (256, 512, 1024, 2048)),
    ],
)
def test_bottlenecks_have_the_inner_widths_of_the_papers_tables(name, inner):
    blocks = network(name).blocks

    stages = dict.fromkeys(int(block.inner(block.out_channels)) for block in blocks)

    # Table 1 of both papers; 32 groups of 4 are 128.
    assert tuple(stages) == inner


@pytest.mark.parametrize(
    ("name", "layers"), [("resnet18", 18), ("resnet34", 34), ("resnet50", 50),
                         ("resnet101", 101), ("resnext101_64x4d", 101)],
)  # fmt: skip
def test_a_resnet_has_the_layers_of_its_name(name, layers):
    spec = network(name)
    convolutions = {"basic_residual": 2, "residual_bottleneck": 3}

    # The stem, the classifier, and the blocks without their projections.
    assert 2 + sum(convolutions[block.kind] for block in spec.blocks) == layers


def test_stages_start_with_a_projection_but_for_the_first_of_basic_blocks():
    projects = {
        name: [block.shortcut == "projection" for block in network(name).blocks]
        for name in ("resnet18", "resnet50")
    }

    assert projects["resnet18"] == [False, False, *(True, False) * 3]
    starts = {0, 3, 7, 13}
    assert projects["resnet50"] == [index in starts for index in range(16)]


@pytest.mark.parametrize("width_mult", [0.1, 0.35, 0.75, 1.4])
@pytest.mark.parametrize("name", ["resnext50_32x4d", "resnext101_64x4d"])
def test_groups_divide_the_inner_width_at_any_width_and_rounding(name, width_mult):
    spec = network(name, width_mult=width_mult)

    for scaled in (spec, with_multiple_of(spec, 24)):
        for block in scaled.blocks:
            assert block.inner(block.out_channels) % block.groups == 0


def test_groups_divide_the_inner_width_without_being_told():
    block = ResidualBottleneck(out_channels=100, groups=8)

    # A quarter of 100 is 25; the nearest whole groups are 3 of 8.
    assert block.inner(block.out_channels) == 24


def test_depth_multiplies_every_stage():
    # 3, 4, 6 and 3 blocks, each rounded up.
    assert network("resnet50", depth_mult=0.5).depth == 2 + 2 + 3 + 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"groups": 0}, "groups is 0"),
        ({"inner_ratio": 0}, "inner_ratio is 0; give more than 0"),
        ({"shortcut": "concat"}, "shortcut 'concat' is unknown"),
    ],
)
def test_a_bottleneck_that_cannot_be_is_refused(fields, message):
    with pytest.raises(SpecError, match=message):
        ResidualBottleneck(out_channels=100, **fields)


def test_a_width_that_leaves_no_channels_is_refused():
    with pytest.raises(SpecError, match="width_mult is 0; give more than 0"):
        network("resnet18", width_mult=0)
