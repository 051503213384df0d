"""What hypothesis draws for a network: every field, small enough to build at once."""

from typing import get_args

from hypothesis import strategies as st

from rexpand.spec import (
    Activation,
    DepthwiseSeparable,
    Gate,
    Head,
    InvertedBottleneck,
    NetworkSpec,
    Shortcut,
    SqueezeExcite,
    Stem,
)

ACTIVATIONS = st.sampled_from(get_args(Activation))
SHORTCUTS = st.sampled_from(get_args(Shortcut))
KERNELS = st.sampled_from([1, 3, 5])
STRIDES = st.integers(1, 3)
MULTIPLES = st.sampled_from([1, 4, 8])
DROPOUTS = st.floats(0, 0.9)

SQUEEZES = st.builds(
    SqueezeExcite,
    reduction=st.integers(1, 16),
    multiple_of=MULTIPLES,
    activation=ACTIVATIONS,
    gate=st.sampled_from(get_args(Gate)),
    norm=st.booleans(),
    position=st.sampled_from(["before_activation", "after_activation"]),
)
BLOCKS = st.one_of(
    st.builds(
        InvertedBottleneck,
        out_channels=st.integers(1, 24),
        kernel_size=KERNELS,
        stride=STRIDES,
        expand_ratio=st.sampled_from([1.0, 1.5, 2.7, 6.0]),
        expand_multiple=MULTIPLES,
        expand_activation=ACTIVATIONS,
        depthwise_activation=ACTIVATIONS,
        project_activation=ACTIVATIONS,
        squeeze_excite=st.none() | SQUEEZES,
        shortcut=SHORTCUTS,
    ),
    st.builds(
        DepthwiseSeparable,
        out_channels=st.integers(1, 24),
        kernel_size=KERNELS,
        stride=STRIDES,
        depthwise_activation=ACTIVATIONS,
        pointwise_activation=ACTIVATIONS,
        shortcut=SHORTCUTS,
    ),
)
NETWORKS = st.builds(
    NetworkSpec,
    name=st.text(),
    family=st.text(),
    stem=st.builds(
        Stem,
        out_channels=st.integers(1, 24),
        kernel_size=KERNELS,
        stride=STRIDES,
        activation=ACTIVATIONS,
    ),
    blocks=st.lists(BLOCKS, min_size=1, max_size=4).map(tuple),
    head=st.builds(
        Head,
        channels=st.integers(0, 24),
        hidden=st.integers(0, 24),
        activation=ACTIVATIONS,
        dropout=DROPOUTS,
    ),
    resolution=st.integers(1, 40),
    in_channels=st.integers(1, 4),
    num_classes=st.integers(0, 10),
    non_decreasing=st.just(False),
)

# Tests then write `st.from_type(NetworkSpec)`.
st.register_type_strategy(NetworkSpec, NETWORKS)
