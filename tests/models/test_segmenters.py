"""Our features under the segmenters of another library."""

import pytest
import segmentation_models_pytorch
import torch

import rexpand.timm
from rexpand.cost import cost_of
from rexpand.spec import CATALOGUE, feature_levels, network

IMAGES = torch.linspace(-1, 1, 2 * 3 * 64 * 64).view(2, 3, 64, 64)
SPECS = {name: network(name) for name in CATALOGUE}


def cheapest_of_each_family(specs) -> dict[str, str]:
    names = sorted(specs, key=lambda name: -cost_of(specs[name]).macs)
    return {specs[name].family: name for name in names}


STRIDES = [2, 4, 8, 16, 32]
SEGMENTERS = cheapest_of_each_family(
    {
        name: spec
        for name, spec in SPECS.items()
        if [level.stride for level in feature_levels(spec)] == STRIDES
    }
)


@pytest.mark.parametrize("name", SEGMENTERS.values(), ids=SEGMENTERS)
def test_a_segmenter_takes_our_features(name):
    torch.manual_seed(0)
    unet = segmentation_models_pytorch.Unet(
        encoder_name=f"tu-rexpand_{name}", encoder_weights=None, classes=2
    )

    masks = unet(IMAGES)
    masks.square().mean().backward()

    assert name in rexpand.timm.ENTRIES.values()
    assert masks.shape == (2, 2, 64, 64)
    missing = [n for n, p in unet.named_parameters() if p.grad is None]
    assert missing == []
