"""`rexpand search` whose trials are detectors, as typed."""

import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from annotated import write_coco
from cli.conftest import Say
from rexpand.budget import Budget
from rexpand.recipe import DETECTION_RECIPES, Change, find_detection_recipe
from rexpand.spec import network_to_toml
from rexpand.transfer.detection import DetectorAsked, search_backbones
from shapes import SPEC

ASKED = shlex.split(
    "search run --network small.toml --data ./data --detector ssdlite --resolution 64 "
    "--detector-set extra_channels=[32] --macs 3M --trials 2 --seeds 1 --epochs 1 "
    "--batch-size 4 --out study"
)


@pytest.fixture
def world(tmp_path: Path) -> Path:
    """Annotated images, and the spec of a small network."""
    write_coco(tmp_path / "data", {"train": 10, "val": 3}, height=64, width=64)
    (tmp_path / "small.toml").write_text(network_to_toml(SPEC))
    return tmp_path


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished study as the command line makes it."""
    folder = tmp_path_factory.mktemp("world")
    write_coco(folder / "data", {"train": 10, "val": 3}, height=64, width=64)
    search_backbones(
        SPEC,
        Budget(macs=3e6),
        data=str(folder / "data"),
        detector=DetectorAsked(
            detector="ssdlite",
            resolution=64,
            changes=[Change.parse("extra_channels=[32]")],
        ),
        folder=folder / "study",
        trials=2,
        seeds=1,
        recipe=replace(DETECTION_RECIPES["quick"], epochs=1, batch_size=4),
    )
    return folder / "study"


def changed(option: str, value: str) -> list[str]:
    words = [*ASKED]
    words[words.index(option) + 1] = value
    return words


def without(*options: str) -> list[str]:
    words = [*ASKED]
    for option in options:
        place = words.index(option)
        del words[place : place + 2]
    return words


def test_a_study_of_detectors_from_its_run_to_its_winner(say: Say, world: Path) -> None:
    done = say(*ASKED)
    again = say("search", "resume", "study", "--json")
    told = say("search", "report", "study")
    out = say("search", "export", "study")

    codes = [each.code for each in (done, again, told, out)]
    assert codes == [0] * 4, done.err + again.err + told.err + out.err
    # Every line says what trials are ranked by, and none speaks of accuracies.
    assert "trial 1: box AP " in done.err
    assert "2 training images are held out to judge the trials" in done.err
    assert "Of 2 trials" in told.out
    assert "on the front of box AP and params" in told.out
    for said in (done.out, done.err, told.out, out.out):
        assert "accura" not in said
    study = json.loads(again.out)
    assert study["measure"] == "box_ap"
    assert [trial["state"] for trial in study["trials"]] == ["complete"] * 2
    assert "Box AP against" in (world / "study/report.html").read_text("utf-8")


def test_the_line_that_export_prints_trains_the_detector_of_the_trial(
    say: Say, study: Path, tmp_path: Path
) -> None:
    out = say("search", "export", str(study), "--trial", "1", "--out", "net.toml")
    found = say("search", "export", str(study), "--trial", "1", "--json")
    line = shlex.split(out.out.splitlines()[-1].removeprefix("to train it: rexpand "))
    done = say(*line, "--epochs", "1", "--out", "run", "--json")

    assert done.code == 0, done.err
    design = json.loads((tmp_path / "run/detection.json").read_text())["design"]
    document = json.loads(found.out)
    assert design["spec"] == document["detector"]
    # What the budget bounded is what is built.
    assert json.loads(done.out)["params"] == document["params"]


def test_the_winner_is_trained_on_all_images_by_a_recipe_of_detectors(
    say: Say, study: Path, tmp_path: Path
) -> None:
    shutil.copytree(study, tmp_path / "study")

    done = say(*shlex.split("search export study --retrain quick --epochs 1 --json"))

    assert done.code == 0, done.err
    found = json.loads(done.out)
    # The images that the data set holds out judge it: they judged no trial.
    assert (found["evaluated_on"], found["evaluated_images"]) == ("held-out", 3)
    record = json.loads((tmp_path / "study/winner/record.json").read_text())
    assert record["images"] == 10
    refused = say("search", "export", "study", "--retrain", "paper")
    assert refused.code == 2
    assert "choose from 1x, 3x, quick, ssdlite, torchvision" in refused.err


def test_a_plan_of_detectors_trains_nothing(say: Say, world: Path) -> None:
    done = say(*ASKED, "--plan")

    assert done.code == 0, done.err
    assert done.out.startswith("shape")
    assert not (world / "study").exists()


def test_the_recipe_that_is_shown_is_that_of_detectors(say: Say, world: Path) -> None:
    done = say(*ASKED, "--optimizer", "sgd", "--lr", "0.1", "--show")

    (world / "shown.toml").write_text(done.out)
    shown = find_detection_recipe(str(world / "shown.toml"))
    assert (shown.epochs, shown.batch_size) == (1, 4)
    assert (shown.optimizer.kind, shown.optimizer.learning_rate) == ("sgd", 0.1)


REFUSED = {
    "a detector that there is not": (
        changed("--detector", "yolo"),
        "'yolo' is not one of 'ssdlite'",
    ),
    "one without a closed form": (
        [*without("--detector-set"), "--detector", "mask_rcnn"],
        "the cost of mask_rcnn has no closed form here, which a search needs; give ssdlite",
    ),
    "images of classes": (
        changed("--data", "digits"),
        "give a folder of annotated images",
    ),
    "annotated images without a detector": (
        without("--detector", "--detector-set"),
        "`rexpand search run --detector`)",
    ),
    "a change of no detector": (
        without("--detector"),
        "--detector-set 'extra_channels=[32]' is for detectors; add --detector ssdlite",
    ),
    "defects of no annotations": (
        [*without("--detector", "--detector-set"), "--skip-defects"],
        "--skip-defects is for detectors; add --detector ssdlite",
    ),
    "a budget below the heads": (
        changed("--macs", "100k"),
        "you allowed 100,000; raise --macs, lower --resolution, or pick a smaller network",
    ),
    "a rule that stops classifiers": (
        [*ASKED, "--prune", "halving"],
        "detectors are judged at the end; give --prune none",
    ),
    "a latency of classifiers": (
        [*ASKED, "--measure", "torch"],
        "--measure 'torch' is for classifiers, whose latency is measured; leave it out",
    ),
    "more images than there are": (
        [*ASKED, "--train-subset", "9"],
        "more than the 10 training images of data; give at most 8",
    ),
    "a recipe of classifiers": (
        [*ASKED, "--recipe", "paper"],
        "choose from 1x, 3x, quick, ssdlite, torchvision or a .toml file",
    ),
    "a field that no detector has": (
        changed("--detector-set", "fpn_width=8"),
        "ssdlite: unknown key fpn_width",
    ),
}


@pytest.mark.parametrize(("typed", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_one_line_and_leaves_nothing(
    say: Say, world: Path, typed: list[str], told: str
) -> None:
    done = say(*typed)

    assert done.code == 2, done.err
    assert told in done.err
    assert done.err.count("\n") == 1, done.err
    assert not (world / "study").exists()


@pytest.mark.parametrize(
    "typed", ["proxies {}", "measure {} --runtime torch", "table {}"]
)
def test_verbs_for_classifiers_refuse_a_study_of_detectors(
    say: Say, study: Path, typed: str
) -> None:
    done = say("search", *typed.format(study).split())

    assert done.code == 2
    assert f"the trials of {study} are detectors, and " in done.err
    assert done.err.count("\n") == 1
