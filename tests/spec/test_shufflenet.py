"""Channels and counts of ShuffleNetV1 and V2, and what their units refuse."""

from dataclasses import replace

import pytest

from rexpand.cost import cost_of, part_costs
from rexpand.errors import SpecError
from rexpand.spec import (
    CATALOGUE,
    ShuffleV1,
    ShuffleV2,
    Source,
    network,
    shufflenetv1,
    shufflenetv2,
    with_shuffle,
)

V1 = [name for name in CATALOGUE if name.startswith("shufflenetv1")]
TABLE_1 = {1: "143M", 2: "140M", 3: "137M", 4: "133M", 8: "137M"}


def stages(name: str) -> list[int]:
    """The distinct widths, in order."""
    spec = network(name)
    return list(dict.fromkeys((spec.stem.out_channels, *spec.channels)))


@pytest.mark.parametrize(
    ("groups", "widths"),
    [
        (1, [24, 144, 288, 576]),
        (2, [24, 200, 400, 800]),
        (3, [24, 240, 480, 960]),
        (4, [24, 272, 544, 1088]),
        (8, [24, 384, 768, 1536]),
    ],
)
def test_v1_has_the_channels_of_table_1(groups, widths):
    spec = network(f"shufflenetv1_g{groups}_100")

    assert stages(spec.name) == widths
    # Map sizes: pooled stem, then three stages of 4, 8 and 4 units.
    assert spec.sizes() == (28,) * 4 + (14,) * 8 + (7,) * 4


@pytest.mark.parametrize(("groups", "printed"), TABLE_1.items())
def test_table_1_counts_no_classifier(groups, printed):
    spec = network(f"shufflenetv1_g{groups}_100").with_classes(0)

    # All five hold to the million without it; with it two to four do not.
    assert f"{cost_of(spec).macs / 1e6:.0f}M" == printed


@pytest.mark.parametrize(
    ("name", "widths"),
    [
        ("shufflenetv1_g3_050", [12, 120, 240, 480]),
        ("shufflenetv1_g3_150", [24, 360, 720, 1440]),
        ("shufflenetv1_g3_200", [48, 480, 960, 1920]),
        ("shufflenetv2_050", [24, 48, 96, 192]),
        ("shufflenetv2_150", [24, 176, 352, 704]),
        ("shufflenetv2_200", [24, 244, 488, 976]),
    ],
)
def test_other_widths_are_those_of_the_authors_code(name, widths):
    assert stages(name) == widths


def test_only_the_first_reduction_of_v1_is_not_in_groups():
    blocks = network("shufflenetv1_g8_100").blocks

    assert [block.reduce_groups for block in blocks] == [1] + [8] * 15
    joined = [block.shortcut == "concatenate" for block in blocks]
    assert [index for index, joins in enumerate(joined) if joins] == [0, 4, 12]


@pytest.mark.parametrize("name", V1)
def test_groups_divide_every_width_of_v1(name):
    spec = network(name)

    before = spec.stem.out_channels
    for block in spec.blocks:
        inner, made = (
            block.inner(block.out_channels),
            block.made(before, block.out_channels),
        )
        assert inner * 4 == block.out_channels  # the paper's quarter, never rounded
        assert {before % block.reduce_groups, inner % block.groups} == {0}
        assert made % block.groups == 0
        before = block.out_channels


@pytest.mark.parametrize(
    ("width", "printed"), [("100", 146), ("150", 299), ("200", 591)]
)
def test_v2_costs_what_is_printed_with_the_authors_first_units(width, printed):
    spec = network(f"shufflenetv2_{width}")
    sizes = (56, *spec.sizes())

    # Their side of the input makes as many channels as come in, the other all the rest:
    # what differs are the last 1x1s of the three units that do not split.
    macs, before = cost_of(spec).macs, spec.stem.out_channels
    for block, size in zip(spec.blocks, sizes[1:], strict=True):
        half = block.out_channels // 2
        if not block.split:
            ours = before * half + half * half
            theirs = before * before + half * (block.out_channels - before)
            macs += (theirs - ours) * size**2
        before = block.out_channels

    assert round(macs / 1e6) == printed


def test_v2_between_its_published_widths_is_x1_scaled():
    spec = shufflenetv2(name="between", width_mult=1.25)

    assert list(dict.fromkeys(spec.channels)) == [144, 292, 580]
    assert spec.head.channels == 1024


def test_the_first_unit_of_a_v2_stage_does_not_split():
    blocks = network("shufflenetv2_100").blocks

    assert [i for i, block in enumerate(blocks) if not block.split] == [0, 4, 12]
    parts = part_costs(network("shufflenetv2_100"))
    sides = [part.size.side for part in parts]
    assert sides == [56] + [28] * 4 + [14] * 8 + [7] * 5 + [1]


def test_groups_that_table_1_lacks_are_refused():
    with pytest.raises(SpecError, match=r"groups 5 have no channels.*1, 2, 3, 4, 8"):
        shufflenetv1(name="five", groups=5)


def test_channels_that_groups_do_not_divide_are_refused():
    spec = network("shufflenetv1_g3_100")

    with pytest.raises(SpecError, match=r"groups 3 do not divide the 241 .*240 or 243"):
        spec.with_channels([240, 240, 240, 241, *spec.channels[4:]])
    with pytest.raises(SpecError, match="makes 24 channels of 24; give more"):
        spec.with_channels([24, *spec.channels[1:]])


def test_channels_without_two_halves_are_refused():
    with pytest.raises(SpecError, match=r"27 channels .* no equal halves; give 28"):
        ShuffleV2(out_channels=27)


def test_a_unit_that_splits_has_no_stride():
    with pytest.raises(SpecError, match="cannot have stride 2; give split = false"):
        ShuffleV2(out_channels=8, stride=2)


def test_a_side_without_channels_is_refused():
    spec = replace(network("shufflenetv2_100"), non_decreasing=False)

    with pytest.raises(
        SpecError, match="50 channels after 116 leaves one of its sides"
    ):
        # 58 of the 116 pass.
        spec.with_channels([116, 50, *spec.channels[2:]])


def test_free_channels_keep_a_unit_whole():
    spec = network("shufflenetv2_100").with_channels(range(60, 92, 2))

    assert spec.channels[-1] == 90
    assert cost_of(spec).macs > 0


def test_unknown_shortcuts_are_refused():
    with pytest.raises(SpecError, match="shortcut 'partial' is unknown"):
        ShuffleV1(out_channels=12, shortcut="partial")


def test_without_its_shuffle_a_network_costs_the_same_and_keeps_its_groups_apart():
    shuffled = network("shufflenetv1_g3_100")
    apart = with_shuffle(shuffled, False)

    assert cost_of(apart) == cost_of(shuffled)
    assert Source.parse("shufflenetv1_g3_100:shuffle=false").spec == apart
    assert with_shuffle(apart, True) == shuffled


def test_a_network_that_shuffles_no_groups_refuses_the_control():
    with pytest.raises(SpecError, match="has no units that shuffle groups"):
        with_shuffle(network("rexnet_100"), False)
