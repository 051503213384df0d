"""`rexpand reproduce`: the items, what is left out, and what cannot be run here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Say = Callable[..., Any]


def test_the_list_says_what_each_protocol_needs(say: Say) -> None:
    listed = json.loads(say("reproduce", "--list", "--json").out)

    items = {each["item"]: each["protocols"] for each in listed}
    # Those of the paper, and those of what it compares.
    assert {"table-a2", "figure-a1", "claims", "condensation"} <= items.keys()
    assert items["figure-a1"][0]["needs"] == {
        "hours": 520, "data": ["cifar10"], "weights": [], "gpu": True,
    }  # fmt: skip
    assert items["shuffle"][0]["commands"][0][:2] == ["rexpand", "train"]


def test_an_unknown_item_is_one_line_with_the_nearest(say: Say) -> None:
    said = say("reproduce", "figure-1b")

    assert said.code == 2
    assert "the nearest are figure-1" in said.err


def test_data_that_is_missing_is_named_with_its_place(say: Say, tmp_path: Path) -> None:
    said = say("reproduce", "figure-a1", "--quick", "--hours", "9", "--data-root", ".")

    assert said.code == 2
    assert "figure-a1 cannot be run here" in said.err
    assert "cifar10" in said.err


def test_a_claim_has_the_verdict_of_the_rows_of_its_item(say: Say) -> None:
    before = say("reproduce", "claims", "--json", "--out", "all")
    say("reproduce", "figure-2", "--out", "all")
    after = say("reproduce", "claims", "--json", "--out", "all")

    name = "Figure 2: the best channels rise from block to block"
    found = [
        {row["name"]: row for row in json.loads(said.out)["rows"]}[name]
        for said in (before, after)
    ]
    assert [row["verdict"] for row in found] == ["not run", "holds"]
    assert "`rexpand reproduce figure-2` was not run" in found[0]["note"]


def test_what_another_version_wrote_is_kept_and_named(say: Say, tmp_path: Path) -> None:
    say("reproduce", "figure-2", "--out", "all")
    path = tmp_path / "all" / "ledger" / "figure-2.counts.json"
    old = path.read_text().replace('"version": 1', '"version": 99')
    path.write_text(old)

    said = say("reproduce", "figure-2", "--out", "all")

    assert said.code == 0
    beside = path.with_suffix(".other-1.json")
    assert beside.read_text() == old
    assert f"{beside.name} is kept: another version" in said.err.replace("\n", " ")
