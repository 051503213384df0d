"""`rexpand search run` with networks that are unlike: drawn, trained and exported."""

from collections.abc import Callable
from typing import Any

import pytest

from rexpand.spec import as_spec


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "macs"),
    [
        # Channel shuffle and multiples; squeeze-excite and hard swish; two inputs a cell.
        ("shufflenetv2_050", "1M"),
        ("mobilenetv3_small_075", "1M"),
        ("fairdarts_b", "30M"),
    ],
)
def test_networks_that_are_unlike_are_searched(
    say: Callable[..., Any], network: str, macs: str
) -> None:
    short = ["--trials", "1", "--seeds", "1", "--epochs", "1", "--train-subset", "32"]
    sized = ["--network", network, "--resolution", "32", "--macs", macs]

    done = say("search", "run", *sized, *short, "--batch-size", "16", "--out", "study")
    kept = say("search", "export", "study", "--out", "net.toml")

    assert done.code == 0, done.err
    assert kept.code == 0, kept.err
    # What was trained is what the file says, and its channels are not the network's own.
    assert as_spec("net.toml").name == f"{network}_trial_0"
