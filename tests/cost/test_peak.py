"""The peak of the activations: the closed form is what one pass shows, kind by kind."""

from dataclasses import replace

import pytest
import torch

from rexpand.cost import cost_of, most_alive, peak_activations, steps_of
from rexpand.models import build
from rexpand.spec import network, with_squeeze_excite
from rexpand.trace import trace

# A network of every kind of block, and of every kind of head.
NAMES = (
    "amoebanet_a", "condensenet_74_g4", "fairdarts_b", "fbnet_a", "legacy_xception",
    "mixnet_s", "mobilenetv1_100", "mobilenetv3_small_100", "nasnet_a", "pnasnet_5",
    "resnet18", "resnet50", "rexnet_100", "search_18", "shufflenetv1_g3_100",
    "shufflenetv2_100", "squeezenet_1_1",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_closed_form_is_what_a_pass_shows(name: str) -> None:
    spec = network(name, width_mult=0.5, depth_mult=0.4)
    with torch.device("meta"):
        module = build(spec).eval()

    shown = most_alive(steps_of(trace(module, (3, 65, 65))))
    closed = peak_activations(spec, 65)

    # The peak, and every map of the pass: no block could be counted otherwise.
    assert closed.elements == shown.elements
    assert closed.written == shown.written


def test_a_stride_holds_the_expanded_map_at_both_sizes() -> None:
    peak = peak_activations("mobilenetv2_100")

    # 96 channels into the depthwise convolution and out of it; no shortcut.
    assert peak.part == "blocks.1"
    assert peak.elements == 96 * 112**2 + 96 * 56**2
    assert peak.elements < peak.written


def test_a_shortcut_holds_the_input_beside_the_widest_maps() -> None:
    spec = network("mobilenetv2_100")
    alone = replace(
        spec,
        stem=replace(spec.stem, out_channels=24),
        blocks=(spec.blocks[2],),
        head=replace(spec.head, channels=0),
    )

    peak = peak_activations(alone)

    # 24 inputs until the sum, and six times as many twice.
    assert peak.elements == (24 + 144 + 144) * 112**2


def test_wider_and_larger_take_more() -> None:
    spec = network("rexnet_100")

    peak = peak_activations(spec)

    assert peak_activations(network("rexnet_130")).elements > peak.elements
    # Twice the side, four times the pixels of every map.
    assert peak_activations(spec, 448).elements == 4 * peak.elements
    assert peak.bytes(4) == 4 * peak.elements
    assert peak.elements < cost_of(spec).activations


def test_a_gate_writes_into_the_map_that_it_scales() -> None:
    bare = with_squeeze_excite(network("efficientnet_b0"), None)

    # Vectors of a squeeze-excite are nothing beside the maps of the early blocks.
    gated = peak_activations("efficientnet_b0").elements
    assert gated == peak_activations(bare).elements
