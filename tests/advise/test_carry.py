"""Weights carried to other widths: wider is the same function, narrower still runs."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rexpand.advise.axes import kept, split
from rexpand.advise.carry import carry_weights
from rexpand.advise.shortcuts import shortcuts, with_partial_shortcuts
from rexpand.errors import SpecError
from rexpand.models import build
from rexpand.spec import (
    DepthwiseSeparable,
    Head,
    InvertedBottleneck,
    NetworkSpec,
    SqueezeExcite,
    Stem,
    network,
)
from rounding import agree, depth_of, rounding_bound

Shaken = Callable[[nn.Module], nn.Module]

ZERO_KEEPERS = st.sampled_from(["linear", "relu", "relu6", "leaky_relu", "silu"])
ACTIVATIONS = st.sampled_from(["linear", "relu", "relu6", "hard_swish", "softplus"])
SHORTCUTS = st.sampled_from(["partial", "identity", "none"])
SQUEEZES = st.none() | st.builds(
    SqueezeExcite,
    reduction=st.integers(1, 4),
    activation=ACTIVATIONS,
    norm=st.booleans(),
    position=st.sampled_from(["before_activation", "after_activation"]),
)
BLOCKS = st.one_of(
    st.builds(
        InvertedBottleneck,
        out_channels=st.sampled_from([4, 6, 6, 9]),
        stride=st.sampled_from([1, 1, 2]),
        expand_ratio=st.sampled_from([1.0, 1.5, 3.0]),
        always_expands=st.booleans(),
        expand_activation=ACTIVATIONS,
        depthwise_activation=ACTIVATIONS,
        project_activation=ZERO_KEEPERS,
        squeeze_excite=SQUEEZES,
        squeeze_reference=st.sampled_from(["expanded", "inputs"]),
        shortcut=SHORTCUTS,
    ),
    st.builds(
        DepthwiseSeparable,
        out_channels=st.sampled_from([4, 6, 6, 9]),
        stride=st.sampled_from([1, 1, 2]),
        depthwise_activation=ACTIVATIONS,
        pointwise_activation=ZERO_KEEPERS,
        squeeze_excite=SQUEEZES,
        shortcut=SHORTCUTS,
    ),
)
NETWORKS = st.builds(
    NetworkSpec,
    name=st.just("drawn"),
    family=st.just("drawn"),
    stem=st.builds(Stem, out_channels=st.sampled_from([4, 6])),
    blocks=st.lists(BLOCKS, min_size=1, max_size=5).map(tuple),
    head=st.builds(
        Head, channels=st.sampled_from([0, 10]), hidden=st.sampled_from([0, 7])
    ),
    resolution=st.just(12),
    num_classes=st.sampled_from([0, 5]),
    non_decreasing=st.just(False),
)


def widened(spec: NetworkSpec, added: list[int]) -> NetworkSpec:
    """Wider by amounts that grow, so that a shortcut that fitted still does."""
    extra = sorted(added[: spec.depth])
    channels = [old + more for old, more in zip(spec.channels, extra, strict=True)]
    return with_partial_shortcuts(spec).with_channels(channels)


@pytest.mark.kernels
@settings(max_examples=60, deadline=None)
@given(spec=NETWORKS, added=st.lists(st.integers(0, 9), min_size=5, max_size=5))
def test_a_wider_network_computes_the_same(
    shaken: Shaken, spec: NetworkSpec, added: list[int]
) -> None:
    if not (spec.head.channels or spec.head.hidden or spec.num_classes):
        spec = spec.with_classes(5)
    trained = shaken(build(spec).double())

    carried = carry_weights(trained, widened(spec, added))

    # Batch-norm statistics, squeeze-excites and shortcuts included, to rounding.
    assert carried.preserves
    assert carried.gap <= rounding_bound(depth_of(trained), 1)


@pytest.mark.kernels
def test_the_function_is_kept_in_training_mode_too(shaken: Shaken) -> None:
    spec = replace(network("rexnet_100"), resolution=32, num_classes=10)
    spec = replace(spec, head=replace(spec.head, dropout=0.0), non_decreasing=False)
    trained = shaken(build(spec).double())
    wide = widened(spec, [3] * spec.depth)
    images = torch.randn(4, 3, 32, 32, dtype=torch.float64)

    carried = carry_weights(trained, wide).network.train()

    # Batch statistics instead of the running ones.
    expected = trained.train()(images)
    assert agree(carried(images), expected, depth=depth_of(carried))


@pytest.mark.kernels
def test_in_single_precision_the_scores_agree_to_1e_5(shaken: Shaken) -> None:
    spec = replace(network("mobilenetv3_large_100"), resolution=64, num_classes=10)
    wide = widened(replace(spec, non_decreasing=False), [5] * spec.depth)

    carried = carry_weights(shaken(build(spec)), wide)

    assert carried.preserves
    assert carried.gap < 1e-5


def test_every_parameter_of_a_wider_network_learns(shaken: Shaken) -> None:
    spec = replace(network("mobilenetv2_035"), resolution=32, num_classes=10)
    wide = widened(replace(spec, non_decreasing=False), [4] * spec.depth)
    carried = carry_weights(shaken(build(spec)), wide).network.train()

    # Two steps: new channels first get a scale, and then their filters a gradient.
    optimizer = torch.optim.SGD(carried.parameters(), lr=0.01)
    for _ in range(3):
        optimizer.zero_grad()
        carried(torch.randn(8, 3, 32, 32)).square().sum().backward()
        optimizer.step()

    assert all(
        parameter.grad is not None and parameter.grad.abs().sum() > 0
        for parameter in carried.parameters()
    )


def test_a_narrower_network_runs_and_says_that_it_differs(shaken: Shaken) -> None:
    spec = replace(network("mobilenetv2_035"), resolution=32, num_classes=10)
    narrow = with_partial_shortcuts(replace(spec, non_decreasing=False)).with_channels(
        [max(1, width // 2) for width in spec.channels]
    )

    carried = carry_weights(shaken(build(spec)), narrow)

    assert not carried.preserves
    assert carried.gap > 1e-3


def test_a_narrower_width_keeps_the_channels_of_the_largest_scale(
    shaken: Shaken,
) -> None:
    spec = replace(network("mobilenetv2_035"), resolution=32, num_classes=0)
    trained = shaken(build(spec))
    last = spec.depth - 1
    narrow = with_partial_shortcuts(spec).with_channels(
        [*spec.channels[:-1], spec.channels[-1] - 40]
    )

    carried = carry_weights(trained, narrow).network

    scale = trained.blocks[last].project.norm.weight
    kept_scale = carried.blocks[last].project.norm.weight
    assert torch.equal(
        kept_scale, scale.sort(descending=True).values[: len(kept_scale)]
    )


def test_a_nonlinearity_that_moves_zero_is_not_said_to_be_preserved(
    shaken: Shaken,
) -> None:
    block = InvertedBottleneck(out_channels=6, project_activation="softplus")
    spec = NetworkSpec(
        name="moved",
        family="moved",
        stem=Stem(out_channels=6),
        blocks=(block, block),
        head=Head(channels=0),
        resolution=12,
        num_classes=3,
    )

    carried = carry_weights(shaken(build(spec)), widened(spec, [2, 2]))

    assert not carried.preserves


def test_copies_share_what_one_channel_gave() -> None:
    axis = split(torch.tensor([2, 0, 1]), 8)

    for channel in range(3):
        shares = axis.share[axis.source == channel]
        # Nothing is lost, and copies differ so that they learn apart.
        assert shares.sum() == pytest.approx(1)
        assert len(set(shares.tolist())) == len(shares)


def test_places_beyond_the_old_channels_are_new() -> None:
    axis = kept(torch.tensor([1, 0]), 4)

    assert axis.source.tolist() == [1, 0, -1, -1]
    assert axis.known.tolist() == [True, True, False, False]


def test_shortcuts_stay_where_they_were() -> None:
    spec = network("mobilenetv2_100")

    partial = with_partial_shortcuts(spec)

    assert shortcuts(partial) == shortcuts(spec)
    assert {block.shortcut for block in partial.blocks} == {"partial", "none"}


def test_networks_that_differ_in_more_are_refused(shaken: Shaken) -> None:
    spec = replace(network("mobilenetv2_035"), resolution=32)
    trained = build(spec)

    with pytest.raises(SpecError, match="stem, head, classes or number of blocks"):
        carry_weights(trained, spec.with_classes(7))
    grouped = replace(spec.blocks[0], groups=2)
    other = replace(spec, blocks=(grouped, *spec.blocks[1:]))
    with pytest.raises(SpecError, match="block 0 mixes its channels in groups"):
        carry_weights(build(other), other)
