import pytest
import torch

from rexpand.errors import UnknownNameError
from rexpand.models import FeatureExtractor, build
from rexpand.spec import all_levels, feature_levels, network
from rounding import agree, depth_of


def test_a_level_is_the_deepest_map_of_its_stride():
    levels = feature_levels(network("rexnet_100"))

    # The five levels that detectors build on, C1 to C5; the head has no map.
    assert [(level.name, level.channels, level.stride) for level in levels] == [
        ("blocks.0", 16, 2),
        ("blocks.2", 38, 4),
        ("blocks.4", 61, 8),
        ("blocks.10", 128, 16),
        ("blocks.15", 185, 32),
    ]


@pytest.fixture(scope="module")
def built():
    torch.manual_seed(0)
    return build(network("search_18")).double().eval()


IMAGES = torch.linspace(-1, 1, 2 * 3 * 8 * 8).view(2, 3, 8, 8).double()


@pytest.mark.kernels
def test_maps_are_those_of_the_network(built):
    maps = FeatureExtractor(built)(IMAGES)

    # Block by block, as the network itself computes them.
    found, expected = built.stem(IMAGES), []
    for index, block in enumerate(built.blocks):
        found = block(found)
        if index in (0, 1, 4):
            expected.append(found)
    for left, right in zip(maps, expected, strict=True):
        assert agree(left, right, depth=depth_of(built))


@pytest.mark.parametrize("names", [("blocks.4", "blocks.0"), ("blocks.0", "blocks.4")])
def test_chosen_levels_come_shallow_to_deep(built, names):
    extractor = FeatureExtractor(built, names)

    maps = extractor(IMAGES)

    # In whatever order they are asked for: `levels` and maps agree.
    assert [level.name for level in extractor.levels] == ["blocks.0", "blocks.4"]
    assert [found.shape[1] for found in maps] == [
        level.channels for level in extractor.levels
    ]


def test_blocks_after_the_last_level_are_left_out(built):
    extractor = FeatureExtractor(built, ["blocks.1"])

    assert len(extractor.blocks) == 2


@pytest.mark.kernels
@pytest.mark.usefixtures("float64")
@pytest.mark.parametrize("name", ["rexnet_100", "mixnet_s"])
def test_every_named_map_is_one_that_the_network_computes(name):
    torch.manual_seed(0)
    network_built = build(network(name, width_mult=0.3)).eval()
    images = torch.rand(1, 3, 64, 64)
    levels = all_levels(network_built.spec)

    with torch.no_grad():
        maps = FeatureExtractor(network_built, [level.name for level in levels])(images)
        features = network_built.forward_features(images)

    for found, level in zip(maps, levels, strict=True):
        assert found.shape[1:] == (level.channels, *[64 // level.stride] * 2)
    # Blocks that are cut after their expansion go on as the whole ones do.
    assert agree(maps[-1], features, depth=depth_of(network_built))


def test_gradients_reach_the_first_convolution(built):
    maps = FeatureExtractor(built)(IMAGES)

    sum(found.sum() for found in maps).backward()

    assert built.stem.conv.weight.grad.abs().sum() > 0


def test_a_level_that_does_not_exist_is_met_with_those_that_do(built):
    with pytest.raises(UnknownNameError) as raised:
        FeatureExtractor(built, ["blocks.3"])

    assert "unknown feature level 'blocks.3'" in str(raised.value)
    assert "choose from blocks.0, blocks.1.expand, blocks.1," in str(raised.value)
