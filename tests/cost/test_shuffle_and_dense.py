"""Closed form against counters, for any unit of ShuffleNet and CondenseNet."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rexpand.cost import cost_of, costs_of
from rexpand.models import build
from rexpand.spec import (
    Dense,
    Head,
    NetworkSpec,
    ShuffleV1,
    ShuffleV2,
    SqueezeExcite,
    Stem,
    network,
    relaxed,
)
from rexpand.trace import measure

GROUPS = st.sampled_from([1, 2, 3, 4])
GEOMETRY = {
    "kernel_size": st.sampled_from([1, 3, 5]),
    "dilation": st.integers(1, 2),
    "squeeze_excite": st.none() | st.just(SqueezeExcite(reduction=2)),
}
STRIDES = st.integers(1, 3)


@st.composite
def shuffle_v1(draw, before: int) -> ShuffleV1:
    groups, joins = draw(GROUPS), draw(st.booleans())
    made = groups * draw(st.integers(2, 6))  # ShuffleNetV2's units need two inputs
    geometry = {key: draw(field) for key, field in GEOMETRY.items()}
    return ShuffleV1(
        out_channels=made + before if joins else made,
        stride=draw(STRIDES),
        groups=groups,
        reduce_groups=draw(st.sampled_from([g for g in (1, 2, 4) if before % g == 0])),
        inner_ratio=draw(st.sampled_from([0.25, 0.7])),
        inner_multiple=draw(st.sampled_from([1, 4])),
        shortcut="concatenate" if joins else "identity",
        **geometry,
    )


@st.composite
def shuffle_v2(draw, before: int) -> ShuffleV2:
    split = draw(st.booleans())
    geometry = {key: draw(field) for key, field in GEOMETRY.items()}
    return ShuffleV2(
        out_channels=2 * draw(st.integers(before // 4 + 1, 20)),
        stride=1 if split else draw(STRIDES),
        split=split,
        **geometry,
    )


@st.composite
def dense(draw, before: int) -> Dense:
    groups = draw(GROUPS)
    geometry = {key: draw(field) for key, field in GEOMETRY.items()}
    return Dense(
        out_channels=before + groups * draw(st.integers(1, 4)),
        stride=draw(STRIDES),
        groups=groups,
        condense_factor=draw(st.sampled_from([c for c in (1, 2, 4) if not before % c])),
        inner_ratio=draw(st.sampled_from([4.0, 1.3])),
        inner_multiple=draw(st.sampled_from([1, 8])),
        **geometry,
    )


@st.composite
def networks(draw) -> NetworkSpec:
    """A stem, and up to three blocks of the three kinds in any order."""
    stem = Stem(out_channels=draw(st.integers(2, 12)), norm=False, bias=False)
    blocks, before = [], stem.out_channels
    for kind in draw(
        st.lists(st.sampled_from([shuffle_v1, shuffle_v2, dense]), max_size=3)
    ):
        blocks.append(draw(kind(before)))
        before = blocks[-1].out_channels
    blocks = blocks or [draw(shuffle_v2(before))]
    return NetworkSpec(
        name="any",
        family="any",
        stem=stem,
        blocks=tuple(blocks),
        head=Head(
            channels=0,
            first_norm=draw(st.booleans()),
            bias=draw(st.booleans()),
            condense_factor=2 if blocks[-1].out_channels % 2 == 0 else 1,
        ),
        resolution=draw(st.integers(1, 40)),
        num_classes=draw(st.integers(0, 4)),
        non_decreasing=False,
    )


@settings(deadline=None, max_examples=60)
@given(spec=networks())
def test_the_cost_is_what_counters_count(spec):
    with torch.device("meta"):
        module = build(spec)

    assert cost_of(spec) == measure(module, (3, spec.resolution, spec.resolution))


@pytest.mark.parametrize(
    "name", ["shufflenetv1_g3_050", "shufflenetv2_100", "condensenet_74_g4"]
)
def test_a_relaxed_cost_is_quadratic_in_the_channels(name):
    spec = relaxed(network(name))
    channels = [[width * mult for width in spec.channels] for mult in (1, 2, 3, 4, 5)]

    macs = costs_of(spec, channels).macs

    # Third differences of a quadratic are zero.
    third = macs[3:] - 3 * macs[2:-1] + 3 * macs[1:-2] - macs[:-3]
    assert third == pytest.approx([0, 0], abs=1e-6 * macs[0])
