"""`rexpand search run --plan`: what would be drawn, before anything is trained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rexpand.budget import SHAPES

Say = Callable[..., Any]


def test_a_plan_shows_what_would_be_drawn_and_leaves_nothing(
    say: Say, tmp_path: Path
) -> None:
    asked = ["search", "run", "--macs", "300k", "--trials", "20", "--plan", "--out"]

    table = say(*asked, str(tmp_path / "study"))
    document = say(*asked, str(tmp_path / "study"), "--json")

    assert table.code == 0, table.err
    assert table.out.splitlines()[0].split()[:2] == ["shape", "trials"]
    assert [line.split()[0] for line in table.out.splitlines()[1:]] == list(SHAPES)
    found = json.loads(document.out)
    assert [each["trials"] for each in found["shapes"]] == [4] * 5
    assert not (tmp_path / "study").exists()


def test_a_search_says_before_it_trains_which_shapes_lack_what(
    say: Say, tmp_path: Path
) -> None:
    done = say(
        *[
            "search",
            "run",
            "--network",
            "search_30",
            "--resolution",
            "32",
            "--macs",
            "351M",
            "--params",
            "3.1M",
        ],
        *["--trials", "20", "--plan", "--out"],
        str(tmp_path / "study"),
    )

    assert done.code == 0, done.err
    assert "4 of 4 linear configurations use 7" in done.err
    assert "4 of 4 concave configurations use" in done.err
