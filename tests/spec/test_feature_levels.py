from dataclasses import replace

import pytest

from rexpand.spec import (
    CATALOGUE,
    all_levels,
    expanded_levels,
    feature_levels,
    last_level,
    network,
)


def test_an_expansion_is_of_the_block_that_leaves_its_stride():
    levels = {level.stride: level for level in expanded_levels("mobilenetv2_100")}

    # C4 of SSDLite: the expansion of the first block of stride 2 in the last stage, six
    # times its 96 inputs.
    assert (levels[16].name, levels[16].channels) == ("blocks.13.expand", 576)
    # The first block of stride 2 expands the 16 channels of the one before it.
    assert (levels[2].name, levels[2].channels) == ("blocks.1.expand", 96)


def test_a_network_without_expansions_offers_none():
    assert expanded_levels("mobilenetv1_100") == ()
    assert expanded_levels("resnet50") == ()


def test_the_last_map_is_that_of_the_penultimate_layer():
    assert (last_level("mobilenetv2_100").channels) == 1280
    # V3's layer of 1280 features comes after the pooling.
    assert (last_level("mobilenetv3_large_100").channels) == 960
    assert last_level("resnet50") == feature_levels("resnet50")[-1]


@pytest.mark.parametrize("name", CATALOGUE)
def test_levels_come_in_forward_order_with_growing_strides(name):
    levels = all_levels(name)

    strides = [level.stride for level in levels]
    assert strides == sorted(strides)
    assert len({level.name for level in levels}) == len(levels)


def test_a_stem_that_no_block_deepens_is_a_level():
    spec = network("mobilenetv2_100")

    levels = feature_levels(replace(spec, blocks=spec.blocks[1:]))

    # The first block strides at once, so stride 2 is the stem's.
    assert (levels[0].name, levels[0].channels, levels[0].stride) == ("stem", 32, 2)
