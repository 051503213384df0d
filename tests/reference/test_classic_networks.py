"""What the fidelity notes of SqueezeNet, Xception, ResNet and ResNeXt say, counted."""

import pytest
import torch
from torch import nn

from rexpand.cost import cost_of
from rexpand.models import build
from rexpand.spec import CATALOGUE, network
from rexpand.trace import measure


@pytest.mark.parametrize(
    ("name", "macs", "said"),
    [("squeezenet_1_0", 832_667_936, "833M"), ("squeezenet_1_1", 387_747_520, "388M")],
)
def test_squeezenet_takes_more_at_the_227_pixels_of_its_paper(name, macs, said):
    assert cost_of(network(name), 227).macs == macs
    assert f"{said} macs" in CATALOGUE[name].fidelity


def test_timm_counts_xceptions_batch_norms():
    spec, normalised = network("xception"), []
    with torch.device("meta"):
        module = build(spec).eval()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.register_forward_hook(lambda _, __, out: normalised.append(out))

    module(torch.empty(1, 3, 299, 299, device="meta"))

    # 8.40B is the multiply-accumulates and two operations an element.
    macs = cost_of(spec).macs
    counted = macs + 2 * sum(outputs.numel() for outputs in normalised)
    assert round(macs / 1e9, 3) == 8.357
    assert round(counted / 1e9, 3) == 8.4


def test_keras_counts_xceptions_running_statistics():
    with torch.device("meta"):
        module = build(network("xception"))

    statistics = sum(b.numel() for n, b in module.named_buffers() if "running" in n)

    assert statistics == 54_528
    assert cost_of(network("xception")).params + statistics == 22_910_480


@pytest.mark.parametrize(
    ("name", "macs", "said"),
    [("resnet50", 3_857_973_248, "3.86B"), ("resnet101", 7_570_194_432, "7.57B")],
)
def test_a_resnet_with_its_papers_strides_takes_less(name, macs, said):
    with torch.device("meta"):
        module = build(network(name))
    for block in module.blocks:
        if block.filter.conv.stride == (2, 2):
            block.reduce.conv.stride, block.filter.conv.stride = (2, 2), (1, 1)

    # The same layers, the stride in the first 1x1.
    assert measure(module, (3, 224, 224)).macs == macs
    assert f"{said} macs" in CATALOGUE[name].fidelity


def test_the_readme_gives_resnexts_the_cost_of_resnets():
    macs = {
        name: cost_of(network(name)).macs / 1e9 for name in CATALOGUE if "101" in name
    }

    assert round(macs["resnet101"], 1) == 7.8
    assert round(macs["resnext101_32x4d"], 2) == 7.97
