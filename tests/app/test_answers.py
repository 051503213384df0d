"""What the page sends, and what it is sent back."""

import re
from base64 import b64decode
from pathlib import Path

import pytest

from app.conftest import PEAKS, TRIALS
from rexpand.app import make_offer
from rexpand.app.answers import Answers
from rexpand.app.design import MOST_BARS, renamed
from rexpand.app.panels import beside_html, spec_html
from rexpand.app.shown import least_seconds, shown_spec
from rexpand.app.study_walk import groups_html, place_of, trial_html, walk
from rexpand.cost import cost_of
from rexpand.errors import SpecError, UnknownNameError
from rexpand.spec import network, read_network

REXNET = network("rexnet_100")
STATE = {
    "label": "rexnet_100",
    "channels": list(REXNET.channels),
    "held": "nothing",
    "bound": 0.0,
}
MODULE = """
from torch import nn

def shallow():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3), nn.ReLU(), nn.Flatten(),
    )

def deep():
    layers = [nn.Conv2d(3, 4, 1), *(nn.Conv2d(4, 4, 1) for _ in range(200))]
    return nn.Sequential(*layers)
"""


def shown(board: dict, name: str) -> float:
    """A number as the page shows it."""
    found = re.search(rf'data-reading="{name}" data-value="([^"]+)"', board["readings"])
    assert found
    return float(found[1])


def test_a_drag_is_answered_by_the_closed_form(answers):
    move = {"kind": "bar", "bar": 15, "value": 200.0}

    board = answers.answer({"state": STATE, "move": move})

    expected = cost_of(REXNET.with_channels(board["channels"]))
    assert board["channels"] == [*REXNET.channels[:-1], 200]
    for name in ("macs", "params", "activations", "memory_access"):
        assert shown(board, name) == getattr(expected, name)


def test_a_held_budget_is_what_the_network_spends_and_no_drag_exceeds_it(answers):
    held = answers.answer({"state": STATE, "move": {"kind": "held", "held": "macs"}})
    state = STATE | {"held": "macs", "bound": held["bound"]["value"]}

    boards = [
        answers.answer({"state": state, "move": move})
        for move in (
            {"kind": "bar", "bar": 15, "value": 300.0},
            {"kind": "slope", "value": 3.0, "intercept": 16.0},
            {"kind": "intercept", "value": 30.0, "slope": 11.0},
        )
    ]

    assert held["bound"]["value"] == cost_of(REXNET).macs
    assert all(0.99 * 398_370_392 <= shown(b, "macs") <= 398_370_392 for b in boards)
    assert boards[0]["channels"][15] == 300


def test_a_drag_that_the_budget_forbids_is_refused_with_the_reason(answers):
    state = STATE | {"held": "macs", "bound": 398_370_392.0}
    move = {"kind": "intercept", "value": 60.0, "slope": 11.0}

    board = answers.answer({"state": state, "move": move})

    # The network is as it was, and the page says how far it could go.
    assert board["refused"]
    assert board["channels"] == list(REXNET.channels)
    assert "give an intercept of at most 42.81" in board["readings"]


def test_a_bar_is_dragged_from_where_the_hand_took_hold_of_it(answers):
    base = list(REXNET.channels)
    pushed = answers.answer(
        {
            "state": STATE,
            "move": {"kind": "bar", "bar": 8, "value": 160.0, "base": base},
        }
    )
    state = STATE | {"channels": pushed["channels"]}

    back = answers.answer(
        {
            "state": state,
            "move": {"kind": "bar", "bar": 8, "value": 106.0, "base": base},
        }
    )

    # What it pushed comes back with it.
    assert back["channels"] == base


@pytest.mark.parametrize(
    "content",
    [
        None,
        {"state": STATE},
        {"state": STATE | {"channels": ["16"] * 16}, "move": {"kind": "bar"}},
        {"state": STATE | {"channels": [0] * 16}, "move": {"kind": "bar"}},
        {"state": STATE | {"file": "/etc/passwd"}, "move": {"kind": "bar"}},
        {"state": STATE | {"channels": [16]}, "move": {"kind": "bar"}},
        {"state": STATE, "move": {"kind": "slope", "value": float("nan")}},
    ],
)
def test_what_is_no_move_is_a_mistake(answers, content):
    with pytest.raises(SpecError):
        answers.answer(content)


@pytest.mark.parametrize("label", ["net.toml", "os:getcwd", "timm:resnet18", "hf:a/b"])
def test_a_page_cannot_open_what_was_not_offered(answers, label):
    with pytest.raises(UnknownNameError, match="what it was started with"):
        answers.opened(label)


def test_the_file_has_the_cost_that_is_shown(answers, tmp_path: Path):
    move = {"kind": "slope", "value": 5.0, "intercept": 20.0}
    board = answers.answer({"state": STATE, "move": move})

    html = spec_html(answers.network(board))

    data = re.search(r'base64,([^"]+)"', html)
    assert data
    (tmp_path / "net.toml").write_bytes(b64decode(data[1]))
    assert cost_of(read_network(tmp_path / "net.toml")).macs == shown(board, "macs")


def test_the_roof_is_the_slower_of_arithmetic_and_memory_of_each_part():
    parts = shown_spec(REXNET).parts

    found = least_seconds(shown_spec(REXNET), PEAKS)

    slowest = [
        max(part.cost.macs / 50e9, 4 * part.cost.memory_access / 10e9) for part in parts
    ]
    assert found == pytest.approx(sum(slowest))
    assert found > cost_of(REXNET).macs / 50e9


def test_only_a_network_as_its_source_has_it_shows_the_published_accuracy():
    changed = renamed(REXNET.with_channels([20] * 16), REXNET)

    rows = [
        row.split("<td") for row in beside_html([changed, REXNET]).split("<tr>")[2:]
    ]

    last = [re.sub(r"<.*?>|.*?>", "", row[-1], count=1) for row in rows]
    assert [text.partition("<")[0] for text in last] == ["-", "77.9"]


def test_a_module_of_the_user_is_shown_and_not_dragged(tmp_path, monkeypatch):
    (tmp_path / "shown_nets.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    answers = Answers(offer=make_offer("shown_nets:shallow"), peaks=PEAKS)

    board = answers.opened("shown_nets:shallow")

    # 3x3 filters: 3 x 8 x 222^2 + 8 x 16 x 220^2 outputs, nine macs each.
    assert shown(board, "macs") == 9 * (24 * 222**2 + 128 * 220**2)
    assert board["bars"] == []
    assert "cannot be dragged" in board["readings"]
    assert answers.network(board) is None
    assert "rx-lint" in answers.lint(None) or "found nothing" in answers.lint(None)


def test_a_module_of_many_parts_is_shown_in_groups(tmp_path, monkeypatch):
    (tmp_path / "grouped_nets.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    answers = Answers(offer=make_offer("grouped_nets:deep"), peaks=PEAKS)

    board = answers.opened("grouped_nets:deep")

    names = [row["part"] for row in board["shares"]]
    assert len({*names}) <= MOST_BARS
    # Groups or not, nothing is left out: every map has 224^2 positions.
    numbers = [row["number"] for row in board["shares"] if row["count"] == "macs"]
    assert sum(numbers) == 224**2 * (12 + 200 * 16) == shown(board, "macs")


def test_a_walk_goes_from_the_most_accurate_trial_to_the_last(offer):
    summary = offer.study.summary

    trials = walk(summary)

    assert [trial.accuracy for trial in trials] == sorted(
        (trial.accuracy for trial in summary.trials), reverse=True
    )
    assert trials[0].number == TRIALS - 1
    assert f"Trial {TRIALS - 1}" in trial_html(summary, "all", 1)
    for which in ("top", "middle", "bottom"):
        members = walk(summary, which)
        assert members
        assert {trial.group for trial in members} == {which}
        assert place_of(summary, which, members[-1].number) == len(members)
    assert place_of(summary, "top", walk(summary, "bottom")[0].number) is None


def test_the_groups_have_their_lines(offer):
    (top, *_) = offer.study.summary.groups

    html = groups_html(offer.study.summary)

    assert f"{top.slope:.2f}" in html
    assert f"{top.intercept:.1f}" in html


def test_the_network_of_the_study_can_be_dragged(answers, offer):
    label = next(each for each in offer.own if each.startswith("study: "))

    board = answers.opened(label)

    assert board["channels"] == list(offer.study.spec.channels)
    assert shown(board, "macs") == cost_of(offer.study.spec).macs
