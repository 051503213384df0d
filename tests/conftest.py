"""What every room's tests share: real data, the program, and random networks."""

import os

# The networks of the tests are tiny: a second thread would only wait for the first.
# Set before torch is imported, and inherited by every program that a test starts.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import strategies as st

from rexpand.data.dataset import DataSet
from rexpand.data.load import load
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

Run = Callable[..., "subprocess.CompletedProcess[str]"]


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
def rexpand(tmp_path: Path) -> Run:
    """Run the program as a user does, in an empty folder."""

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "rexpand", *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


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
