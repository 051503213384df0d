"""`rexpand detect show`, and the pages of a detector, as typed."""

import json
from pathlib import Path

import pytest

from annotated import write_coco
from cli.conftest import Say
from rexpand.records import DETECTION_MISTAKES
from rexpand.spec import network_to_toml
from shapes import SPEC


@pytest.fixture
def run(say: Say, tmp_path: Path) -> str:
    """A detector of one epoch, and DATA beside it."""
    write_coco(tmp_path / "DATA", {"train": 4, "val": 3}, height=64, width=64)
    (tmp_path / "small.toml").write_text(network_to_toml(SPEC))
    done = say(
        *("detect", "train", "small.toml", "--data", "./DATA", "--resolution", "64"),
        *("--epochs", "1", "--batch-size", "4", "--out", "run"),
    )
    assert done.code == 0, done.err
    return "run"


def test_predictions_are_drawn_beside_the_truth(run, say: Say, tmp_path: Path) -> None:
    shown = say(
        *("detect", "show", run, "--data", "./DATA", "--images", "2"),
        *("--score", "0", "--out", "shown", "--json"),
    )

    assert shown.code == 0, shown.err
    found = json.loads(shown.out)
    pictures = [each["picture"] for each in found["images"]]
    assert [Path(p).name for p in pictures] == ["001-val-1.jpg", "002-val-3.jpg"]
    assert sorted(map(str, Path("shown").iterdir())) == pictures
    # Every image has a square and a disc.
    assert [each["instances"] for each in found["images"]] == [2, 2]
    assert found["score"] == 0


def test_a_score_that_nothing_reaches_is_told(run, say: Say) -> None:
    shown = say(
        *("detect", "show", f"{run}/detector.safetensors", "--data", "./DATA"),
        *("--part", "train", "--score", "1"),
    )

    assert shown.code == 0, shown.err
    assert "no prediction has a score of 1 or more, the highest is 0." in shown.err
    assert shown.out.count("runs/shown/") == 4


def test_a_training_leaves_its_page_which_can_be_written_again(
    run, say: Say, tmp_path: Path
) -> None:
    page = tmp_path / run / "report.html"
    before = page.read_text("utf-8")
    page.unlink()

    again = say("report", "detection", run)

    assert again.code == 0, again.err
    assert page.read_text("utf-8") == before
    assert (tmp_path / run / DETECTION_MISTAKES).is_file()
    for said in ("ssdlite on small", 'data-chart="losses"', "Started from"):
        assert (said in before) == (said != "Started from")


def test_an_evaluation_writes_a_page_if_asked(run, say: Say, tmp_path: Path) -> None:
    judged = say("detect", "evaluate", run, "--data", "./DATA", "--out", "judged")

    assert judged.code == 0, judged.err
    page = (tmp_path / "judged" / "report.html").read_text("utf-8")
    assert 'data-chart="losses"' not in page
    assert "Worst misses" in page
    # Where the numbers come from, with the versions.
    assert "faster-coco-eval" in page


def test_a_folder_that_is_no_training_has_no_page(say: Say, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    said = say("report", "detection", "empty")

    assert said.code == 2
    assert (
        "empty holds no record.json; give a folder of `rexpand detect train`"
        in said.err
    )
