"""The families made of inverted bottlenecks: their channels, ends and rules."""

from dataclasses import replace
from itertools import groupby

import pytest

from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.spec import (
    ALIASES,
    CATALOGUE,
    InvertedBottleneck,
    NetworkSpec,
    efficientnet,
    fbnet,
    mnasnet,
    mobilenetv3,
    network,
    proxylessnas,
    with_squeeze_excite,
)

FAMILIES = {
    "efficientnet",
    "efficientnet_lite",
    "darts_plus",
    "fairdarts_c",
    "fairnas",
    "fbnet",
    "mnasnet",
    "mobilenetv1",
    "mobilenetv2",
    "mobilenetv3",
    "proxylessnas",
}
NAMES = [name for name in CATALOGUE if network(name).family in FAMILIES]

# Channels and blocks of the stages: arXiv 2007.00992, Table 1, with the stem first.
# Of FBNet-C it counts a skip among the four blocks of 24.
TABLE_1 = {
    "mobilenetv2_100": "32 16x1-24x2-32x3-64x4-96x3-160x3-320x1",
    "fbnetc_100": "16 16x1-24x3-32x4-64x4-112x4-184x4-352x1",
    "proxylessnas_r": "32 16x1-32x2-40x4-80x4-96x4-192x4-320x1",
    "semnasnet_100": "32 16x1-24x2-40x3-80x4-112x2-160x3-320x1",
    "efficientnet_b0": "32 16x1-24x2-40x2-80x3-112x3-192x4-320x1",
    "fairnas_a": "32 16x1-32x2-40x4-80x4-96x4-192x4-320x1",
    "fairnas_a_se": "32 16x1-32x2-40x4-80x4-96x4-192x4-320x1",
    "fairdarts_c": "32 16x1-32x2-40x4-80x5-96x3-192x4-320x1",
    "darts_plus_se": "32 16x1-24x4-40x4-80x4-96x4-192x4-320x1",
}


@pytest.mark.parametrize("name", TABLE_1)
def test_the_channels_are_those_of_the_papers_table_1(name):
    spec = network(name)

    stages = "-".join(f"{w}x{len(list(group))}" for w, group in groupby(spec.channels))

    assert f"{spec.stem.out_channels} {stages}" == TABLE_1[name]


@pytest.mark.parametrize("name", NAMES)
def test_the_channels_never_decrease(name):
    assert network(name).non_decreasing


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_takes_both_multipliers(name):
    plain = network(name, width_mult=1.0, depth_mult=1.0)
    thin = network(name, width_mult=0.5, depth_mult=1.0)
    deep = network(name, width_mult=1.0, depth_mult=2.0)

    assert thin.depth == plain.depth < deep.depth
    assert set(deep.channels) == set(plain.channels)
    assert all(width % 8 == 0 for width in thin.channels)
    assert cost_of(thin).params < cost_of(plain).params < cost_of(deep).params


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_has_its_form_for_cifar(name):
    spec = network(name, input="cifar")

    assert spec.resolution == 32
    assert spec.sizes()[-1] == 4
    assert spec.channels == network(name).channels


@pytest.mark.parametrize("name", NAMES)
def test_squeeze_excite_can_be_taken_out_of_every_entry(name):
    bare = with_squeeze_excite(network(name), None)

    assert cost_of(bare).params <= cost_of(network(name)).params
    assert all(block.squeeze_excite is None for block in bare.blocks)


def test_papers_names_are_aliases():
    aliases = {
        "fbnet_c": "fbnetc_100",
        "mnasnet_a1": "semnasnet_100",
        "mnasnet_b1": "mnasnet_100",
        "proxylessnas_mobile": "proxylessnas_r",
    }

    assert {alias: ALIASES[alias] for alias in aliases} == aliases


def test_only_networks_whose_layers_are_not_published_are_reconstructed():
    reconstructed = {name for name in NAMES if CATALOGUE[name].reconstructed}

    assert reconstructed == {
        "darts_plus_se",
        "fairdarts_c",
        "mnasnet_a2",
        "mnasnet_a3",
    }
    assert all(CATALOGUE[name].fidelity for name in reconstructed)


def test_efficientnets_grow_in_width_depth_and_resolution():
    specs = [network(f"efficientnet_b{index}") for index in range(8)]

    # Resolutions of the official code.
    sides = [224, 240, 260, 300, 380, 456, 528, 600]
    assert [spec.resolution for spec in specs] == sides
    assert [spec.depth for spec in specs] == [16, 23, 23, 26, 32, 39, 45, 55]
    assert [spec.head.channels for spec in specs] == [
        1280, 1280, 1408, 1536, 1792, 2048, 2304, 2560,
    ]  # fmt: skip


def test_lite_keeps_stem_head_and_the_depth_of_its_ends():
    lite4 = network("efficientnet_lite4")

    assert (lite4.stem.out_channels, lite4.head.channels) == (32, 1280)
    assert [lite4.channels.count(width) for width in (24, 448)] == [1, 1]
    assert lite4.resolution == 300


def test_a_squeeze_excite_takes_a_quarter_of_the_blocks_inputs():
    spec = efficientnet(name="b0")

    inputs = (32, *spec.channels[:-1])
    squeezed = [
        block.squeezed(width) for block, width in zip(spec.blocks, inputs, strict=True)
    ]

    # Of the inputs, not of the sixfold; V3's is of the expanded channels, in eights.
    assert squeezed == [width // 4 for width in inputs]
    third = mobilenetv3(name="large").blocks[3]
    assert (third.expanded(24), third.squeezed(24)) == (72, 24)


def test_v3_expands_to_the_widths_of_the_paper():
    large, small = mobilenetv3(name="l"), mobilenetv3(name="s", size="small")

    # Column "exp size" of Tables 1 and 2.
    assert expanded(large) == [
        16, 64, 72, 72, 120, 120, 240, 200, 184, 184, 480, 672, 672, 960, 960,
    ]  # fmt: skip
    assert expanded(small) == [16, 72, 88, 96, 240, 240, 120, 144, 288, 576, 576]


def expanded(spec: NetworkSpec) -> list[int]:
    inputs = (spec.stem.out_channels, *spec.channels[:-1])
    pairs = zip(spec.blocks, inputs, strict=True)
    return [int(block.expanded(width)) for block, width in pairs]


def test_fbnet_a_has_three_blocks_in_groups_that_shuffle():
    grouped = [
        block for block in fbnet(name="a", variant="a").blocks if block.groups > 1
    ]

    assert [(b.out_channels, b.kernel_size, b.expands) for b in grouped] == [
        (64, 5, False),
        (112, 5, False),
        (112, 3, False),
    ]


def test_groups_that_divide_no_width_are_refused():
    spec = replace(fbnet(name="a", variant="a"), non_decreasing=False)
    channels = list(spec.channels)
    channels[7] = 65  # the inputs of the first block in groups

    with pytest.raises(SpecError, match="groups 2 do not divide the 65 inputs"):
        spec.with_channels(channels)
    with pytest.raises(SpecError, match="groups 2 do not divide the 63 outputs"):
        InvertedBottleneck(out_channels=63, groups=2)


def test_what_a_search_left_out_is_no_block():
    # The released configurations, without their skips.
    depths = {
        target: proxylessnas(name=target, target=target).depth
        for target in ("cpu", "gpu", "mobile")
    }

    assert depths == {"cpu": 20, "gpu": 14, "mobile": 20}


def test_b1_has_no_squeeze_excite_and_a1_in_three_stages():
    squeezed = {
        variant: sum(b.squeeze_excite is not None for b in mnasnet_of(variant).blocks)
        for variant in ("a1", "b1")
    }

    assert squeezed == {"a1": 8, "b1": 0}


def mnasnet_of(variant) -> NetworkSpec:
    return mnasnet(name=variant, variant=variant)
