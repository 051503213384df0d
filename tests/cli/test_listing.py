"""`rexpand list` finds networks by name, family and cost; `cost` compares several."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rexpand.cost import cost_of
from rexpand.spec import CATALOGUE, network

Say = Callable[..., Any]


def document(done: Any) -> Any:
    assert done.code == 0, done.err
    return json.loads(done.out)


def test_a_part_of_a_name_finds_all_that_have_it(say: Say) -> None:
    found = [each["name"] for each in document(say("list", "netv2_1", "--json"))]

    assert found == [name for name in CATALOGUE if "netv2_1" in name]
    assert {"mobilenetv2_100", "shufflenetv2_100"} <= set(found)
    # A whole name is that network alone, although others begin with it.
    whole = document(say("list", "efficientnet_b1", "--json"))
    assert [each["name"] for each in whole] == ["efficientnet_b1"]


def test_an_alias_keeps_what_is_published_of_its_network(say: Say) -> None:
    (alias,) = document(say("list", "mnasnet_a1", "--json"))
    (own,) = document(say("list", "semnasnet_100", "--json"))

    assert (alias.pop("name"), own.pop("name")) == ("mnasnet_a1", "semnasnet_100")
    assert alias == own
    assert alias["published"]["top1"] == 75.2
    # In the tables of people too.
    assert "75.2" in say("list", "mnasnet_a1").out
    assert "75.2" in say("list", "mnasnet_a1", "--channels").out


def test_a_top1_has_its_source_and_the_papers_own_beside_it(say: Say) -> None:
    entries = {each["name"]: each for each in document(say("list", "--json"))}

    for entry in entries.values():
        published = entry["published"]
        assert bool(published["top1_source"]) == (published["top1"] is not None)
        assert bool(published["paper"]) == (published["paper_top1"] is not None)
    squeezenet = entries["squeezenet_1_0"]["published"]
    assert squeezenet["top1_source"].startswith("torchvision")
    assert (squeezenet["paper_top1"], squeezenet["paper"]) == (57.5, "arXiv 1602.07360")
    # The paper's own is its top-1 where the source is the paper.
    assert entries["rexnet_100"]["published"]["paper_top1"] is None
    shown = say("list", "resnet50").out
    assert "76.13" in shown
    assert "77.15" in shown


def test_bounds_and_a_family_must_all_hold(say: Say) -> None:
    found = document(
        say(
            *("list", "--family", "rexnet", "--family", "mobilenetv2", "--json"),
            *("--macs", "400M", "--min-macs", "100M", "--params", "5M"),
            *("--min-params", "2M"),
        )
    )

    costs = {name: cost_of(network(name)) for name in CATALOGUE}
    assert [each["name"] for each in found] == [
        name
        for name, cost in costs.items()
        if network(name).family in ("rexnet", "mobilenetv2")
        and 100e6 <= cost.macs <= 400e6
        and 2e6 <= cost.params <= 5e6
    ]
    assert len(found) > 2


def test_nothing_found_is_said(say: Say) -> None:
    said = say("list", "rexnet", "--macs", "1k")

    assert (said.code, said.out) == (0, "")
    assert said.err == "no network of the catalogue is all of that; ask for less\n"
    assert document(say("list", "rexnet", "--macs", "1k", "--json")) == []


def test_an_unknown_family_has_its_nearest(say: Say) -> None:
    done = say("list", "--family", "mobilenet")

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "unknown family 'mobilenet'; the nearest are mobilenetv" in done.err


def test_several_networks_have_a_row_each(say: Say, tmp_path: Path) -> None:
    names = ("rexnet_100", "mobilenetv2_100", "torchvision:squeezenet1_0")

    said = say("cost", *names)
    found = document(say("cost", *names, "--json"))
    alone = [document(say("cost", name, "--json")) for name in names]

    # A list of what each alone is, in the order of the arguments.
    assert found == alone
    header, *rows = said.out.splitlines()
    assert header.split() == [
        *("network", "pixels", "params", "macs", "activations", "memory"),
    ]
    assert [row.split()[:2] for row in rows] == [[name, "224"] for name in names]
    assert rows[0].split()[2:4] == ["4.797M", "398.4M"]


def test_details_of_several_networks_stand_below_their_names(say: Say) -> None:
    said = say("cost", "search_18", "search_30", "--blocks", "--resolution", "64")

    assert said.code == 0, said.err
    table, first, second = said.out.split("\n\nsearch_")
    assert table.count("  64  ") == 2
    assert first.startswith("18\n")
    assert first.count("blocks.") == network("search_18").depth
    assert second.count("blocks.") == network("search_30").depth


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("cost rexnet_100 rexnet_10", "unknown network 'rexnet_10'"),
        ("cost search_18 search_30 --roofline", "give one instead of 2"),
    ],
)
def test_a_mistake_among_several_is_one_line(typed: str, said: str, say: Say) -> None:
    done = say(*typed.split())

    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert said in done.err
