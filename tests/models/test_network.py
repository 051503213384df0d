from dataclasses import replace
from math import sqrt

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.blocks import build_block
from rexpand.models import build
from rexpand.spec import InvertedBottleneck, NetworkSpec, SqueezeExcite, network


def test_a_network_is_built_without_memory_on_the_meta_device():
    with torch.device("meta"):
        built = build(network("rexnet_300"))

    # 35 million parameters, not one of them stored.
    assert {p.device.type for p in built.parameters()} == {"meta"}
    assert built(torch.empty(2, 3, 64, 64, device="meta")).shape == (2, 1000)


def test_a_network_carries_its_spec():
    assert build(network("search_18")).spec == network("search_18")


@settings(deadline=None, max_examples=40)
@given(spec=st.from_type(NetworkSpec))
def test_any_network_runs_and_learns(spec):
    built = build(spec)
    images = torch.randn(3, spec.in_channels, spec.resolution, spec.resolution)

    # Evaluated for its shape: batch norm in training needs more than one value.
    scores = built.eval()(images)
    scores.sum().backward()

    features = spec.num_classes or spec.head.hidden or spec.head.channels
    assert scores.shape == (3, features or spec.channels[-1])
    assert all(parameter.grad is not None for parameter in built.parameters())


def test_convolutions_start_with_the_fan_out_of_their_group():
    torch.manual_seed(0)
    built = build(network("rexnet_100"))

    # Normal with variance 2 / fan-out, as TensorFlow's mobile networks.
    dense, deep = built.penultimate.conv, built.blocks[15].depthwise.conv
    assert dense.weight.std().item() == pytest.approx(sqrt(2 / 1280), rel=0.02)
    assert deep.weight.std().item() == pytest.approx(sqrt(2 / 9), rel=0.02)
    classifier = built.head.classifier
    assert classifier.weight.std().item() == pytest.approx(0.01, rel=0.02)
    assert not classifier.bias.any()
    assert not built.blocks[3].squeeze_excite.reduce.bias.any()


@pytest.mark.parametrize("norm", [True, False])
def test_a_block_is_built_with_the_widths_of_its_spec(norm):
    squeeze = SqueezeExcite(reduction=12, multiple_of=8, norm=norm)
    block = InvertedBottleneck(
        out_channels=30, expand_ratio=6, expand_multiple=8, squeeze_excite=squeeze
    )

    built = build_block(block, in_channels=27)

    # 162 to the nearest multiple of 8, a twelfth of it likewise.
    assert built.expand.conv.out_channels == 160
    assert built.squeeze_excite.reduce.out_channels == 16
    assert isinstance(built.squeeze_excite.norm, torch.nn.BatchNorm2d) == norm
    assert built.squeezes_first is False


def test_only_the_classifier_depends_on_the_classes():
    spec = network("search_18")

    bare, classified = (build(spec.with_classes(n)).state_dict() for n in (0, 7))

    assert classified.keys() - bare.keys() == {
        "head.classifier.weight",
        "head.classifier.bias",
    }


def test_other_images_change_the_stem_alone():
    spec = network("search_18")
    grey = spec.for_images(resolution=8, in_channels=1)

    shapes, grey_shapes = (
        {key: value.shape for key, value in build(s).state_dict().items()}
        for s in (spec, grey)
    )

    different = {key for key in shapes if shapes[key] != grey_shapes[key]}
    assert different == {"stem.conv.weight"}


def test_dropout_is_that_of_the_spec():
    spec = network("search_18")
    head = replace(spec.head, dropout=0.3)

    assert build(replace(spec, head=head)).head.dropout.p == 0.3
