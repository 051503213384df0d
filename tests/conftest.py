"""What every room's tests share: real data, the program, and random networks."""

import os

# The networks of the tests are tiny: a second thread would only wait for the first.
# Set before torch is imported, and inherited by every program that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import get_args

import pytest
import torch
from hypothesis import settings
from hypothesis import strategies as st

from chromium import Chromium, opened
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.spec import (
    Activation,
    BasicResidual,
    Convolution,
    DepthwiseSeparable,
    Fire,
    Gate,
    Head,
    InvertedBottleneck,
    MixedBottleneck,
    NetworkSpec,
    ResidualBottleneck,
    ResidualShortcut,
    SeparableStack,
    Shortcut,
    SqueezeExcite,
    SqueezeReference,
    Stem,
)
from warm.programs import Programs

# A shell's background job ignores Ctrl-C, and nohup hangups; so would the programs that
# the tests start and stop.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

Run = Callable[..., "subprocess.CompletedProcess[str]"]

# Laws draw the same examples every time, so that a change of ours alone can fail them;
# `make fuzz` draws others by --hypothesis-profile=fuzz.
settings.register_profile("test", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None, print_blob=True)
settings.load_profile("test")


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser; its tests are skipped where Chromium is not installed."""
    yield from opened(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="session")
def digits() -> DataSet:
    """scikit-learn's 1,797 images, the data set that is always there."""
    return load("digits")


@pytest.fixture(scope="session")
def cifar_root() -> Path:
    """The folder that holds CIFAR-100, or a skip with the reason."""
    root = os.environ.get("REXPAND_DATA")
    if not root or not (Path(root) / "cifar100.npz").exists():
        pytest.skip("no cifar100.npz under REXPAND_DATA, where real data sets lie")
    return Path(root)


@pytest.fixture
def float64() -> Iterator[None]:
    """Networks and images of this test are in float64, where rounding is far away."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """Starts the program; one warm process for all tests."""
    with Programs(tmp_path_factory.mktemp("programs")) as made:
        yield made


@pytest.fixture
def rexpand(programs: Programs, tmp_path: Path) -> Run:
    """Run the program as a user does, in an empty folder."""
    return partial(programs.run, folder=tmp_path)


# Names are printable lines without slashes.
NAMES = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="/\\"),
    min_size=1,
    max_size=100,
)
# What hypothesis draws for a network: every field, small enough to build at once.
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
WIDTHS = st.integers(1, 24)
EVERY = {
    "stride": STRIDES,
    "dilation": st.integers(1, 2),
    "squeeze_excite": st.none() | SQUEEZES,
}
BOTTLENECK = {
    "out_channels": WIDTHS,
    "expand_multiple": MULTIPLES,
    "expand_activation": ACTIVATIONS,
    "depthwise_activation": ACTIVATIONS,
    "project_activation": ACTIVATIONS,
    "squeeze_reference": st.sampled_from(get_args(SqueezeReference)),
    "shortcut": SHORTCUTS,
}
RESIDUAL = {
    "out_channels": st.sampled_from([4, 8, 12, 24]),
    "kernel_size": KERNELS,
    "output_activation": ACTIVATIONS,
    "shortcut": st.sampled_from(get_args(ResidualShortcut)),
}
# Kinds that take any width: networks of these can be given any channels.
BLOCKS = st.one_of(
    st.builds(
        InvertedBottleneck,
        kernel_size=KERNELS,
        expand_ratio=st.sampled_from([1.0, 1.5, 2.7, 6.0]),
        **BOTTLENECK,
        **EVERY,
    ),
    st.builds(
        DepthwiseSeparable,
        out_channels=WIDTHS,
        kernel_size=KERNELS,
        depthwise_activation=ACTIVATIONS,
        pointwise_activation=ACTIVATIONS,
        shortcut=SHORTCUTS,
        **EVERY,
    ),
    st.builds(
        Convolution,
        out_channels=WIDTHS,
        kernel_size=KERNELS,
        output_activation=ACTIVATIONS,
        **EVERY,
    ),
    st.builds(BasicResidual, inner_activation=ACTIVATIONS, **RESIDUAL, **EVERY),
)
# Kinds that cut their width into parts, and so refuse a few.
PARTED_BLOCKS = st.one_of(
    st.builds(
        MixedBottleneck,
        kernel_sizes=st.lists(KERNELS, min_size=1, max_size=3).map(tuple),
        expand_ratio=st.sampled_from([3.0, 3.7, 6.0]),
        **BOTTLENECK,
        **EVERY,
    ),
    st.builds(
        Fire,
        out_channels=st.integers(2, 24),
        kernel_size=KERNELS,
        squeeze_ratio=st.sampled_from([0.125, 0.5]),
        squeeze_multiple=st.sampled_from([1, 4]),
        squeeze_activation=ACTIVATIONS,
        expand_activation=ACTIVATIONS,
        **EVERY,
    ),
    st.builds(
        ResidualBottleneck,
        inner_ratio=st.sampled_from([0.25, 0.5, 1.0]),
        groups=st.just(4),
        inner_multiple=st.just(4),
        inner_activation=ACTIVATIONS,
        **RESIDUAL,
        **EVERY,
    ),
    st.builds(
        SeparableStack,
        repeats=st.integers(1, 3),
        growth=st.sampled_from(["first", "last"]),
        input_activation=ACTIVATIONS,
        between_activation=ACTIVATIONS,
        **RESIDUAL,
        **EVERY,
    ),
)
NETWORKS = st.builds(
    NetworkSpec,
    name=NAMES,
    family=NAMES,
    stem=st.builds(
        Stem,
        out_channels=st.integers(1, 24),
        kernel_size=KERNELS,
        stride=STRIDES,
        activation=ACTIVATIONS,
        norm=st.booleans(),
        pool_stride=st.integers(1, 2),
    ),
    blocks=st.lists(BLOCKS, min_size=1, max_size=4).map(tuple),
    head=st.builds(
        Head,
        channels=st.integers(0, 24),
        hidden=st.integers(0, 24),
        hidden_norm=st.booleans(),
        first_norm=st.booleans(),
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


@pytest.fixture(scope="session")
def parted_blocks() -> st.SearchStrategy:
    """Blocks of the kinds that cannot be given any channels."""
    return PARTED_BLOCKS
