"""`rexpand bench blocks`, and what `solve` and `search run` do with its table."""

import json
from pathlib import Path

import pytest

from cli.conftest import Say
from rexpand.codec import to_document
from rexpand.records import LatencyTable, read_record
from rexpand.spec import Head, InvertedBottleneck, NetworkSpec, Stem, network_to_toml
from tabled import Counting, counted_ms, tabled

SPEC = NetworkSpec(
    name="tiny",
    family="tiny",
    stem=Stem(out_channels=8, stride=1),
    blocks=(
        InvertedBottleneck(out_channels=16, expand_ratio=2.0),
        InvertedBottleneck(out_channels=24, stride=2, expand_ratio=2.0),
    ),
    head=Head(channels=0),
    resolution=8,
    in_channels=1,
    num_classes=10,
)
MS = f"{counted_ms(SPEC):.6f}"


@pytest.fixture(scope="module")
def table() -> str:
    """The table of a device that counts."""
    return to_document(tabled(SPEC, Counting(), count=5, multiple_of=2))


@pytest.fixture
def world(tmp_path: Path, table: str) -> Path:
    """A spec and its table, as files."""
    (tmp_path / "net.toml").write_text(network_to_toml(SPEC))
    (tmp_path / "table.json").write_text(table)
    return tmp_path


def test_every_block_is_measured_and_the_table_is_left(say: Say, world: Path) -> None:
    done = say(
        *("bench", "blocks", "net.toml", "--runtime", "torch", "--rounds", "2"),
        *("--configurations", "5", "--multiple-of", "2", "--threads", "1"),
        *("--out", "new.json", "--json"),
    )

    assert done.code == 0, done.err
    document = json.loads(done.out)
    table = read_record(LatencyTable, world / "new.json")
    assert document["file"] == "new.json"
    assert len(document["configurations"]) == 5
    assert [each.name for each in table.model.sections] == [
        *("stem", "blocks.0", "blocks.1", "head")
    ]
    assert document["network_error"]["count"] == table.network_error.count == 5


def test_people_read_the_blocks_and_what_they_are_worth(say: Say, world: Path) -> None:
    done = say(
        *("bench", "blocks", "net.toml", "--runtime", "torch", "--rounds", "2"),
        *("--configurations", "5", "--multiple-of", "2"),
    )

    assert done.code == 0, done.err
    assert "blocks.1  16" in done.out
    assert "Additivity: the sections of tiny add up to" in done.out
    assert "Held out: predictions for widths that the model did not see" in done.out


def test_solve_fills_a_predicted_latency(say: Say, world: Path) -> None:
    done = say(
        *("solve", "net.toml", "--latency-ms", MS, "--latency-table", "table.json"),
        *("--multiple-of", "2", "--intercept", "8", "--json"),
    )

    assert done.code == 0, done.err
    document = json.loads(done.out)
    found = SPEC.with_channels(document["channels"])
    assert document["predicted_latency_ms"] == pytest.approx(counted_ms(found))
    assert 0.9 * float(MS) < document["predicted_latency_ms"] <= float(MS)


def test_a_search_keeps_to_a_predicted_latency(say: Say, world: Path) -> None:
    asked = (
        *("search", "run", "--network", "net.toml", "--data", "digits"),
        *("--latency-ms", MS, "--latency-table", "table.json", "--multiple-of", "2"),
        *("--trials", "2", "--seeds", "1", "--epochs", "1", "--train-subset", "64"),
        *("--out", "study", "--json"),
    )

    done = say(*asked)

    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["latency"]["runtime"] == "counting"
    for trial in document["trials"]:
        assert 0.9 * float(MS) < trial["predicted_latency_ms"] <= float(MS)
    # The study keeps what the table predicts: it goes on without the file.
    (world / "table.json").unlink()
    assert say("search", "resume", "study", "--json").code == 0


def test_mistakes_are_one_line(say: Say, world: Path) -> None:
    bound = ("--latency-ms", "3")
    table = ("--latency-table", "table.json")
    for arguments, words in (
        (("bench", "blocks", "net.toml", "--runtime", "abacus"), "choose from torch"),
        (("bench", "blocks", "fairdarts_b"), "so that none runs alone"),
        (("bench", "blocks", "net.toml", "--configurations", "4"), "is 4; give 5"),
        (("solve", "net.toml", *bound), "`rexpand bench blocks NETWORK --out FILE`"),
        (
            ("solve", "net.toml", "--latency-ms", MS, *table),
            "in multiples of 2, and multiple_of is 1; give 2",
        ),
        (
            ("solve", "net.toml", *bound, *table, "--multiple-of", "2"),
            "latency_ms is 3, and the table measured networks of 0.0",
        ),
        (("solve", "rexnet_100", *bound, *table), "the latency table is of tiny with"),
        (("solve", "net.toml", *bound, "--latency-table", "net.toml"), "net.toml"),
    ):
        done = say(*arguments)

        assert (done.code, words in done.err) == (2, True), done.err
        assert len(done.err.splitlines()) == 1
