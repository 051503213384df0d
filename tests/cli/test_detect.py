"""`rexpand detect train` and `evaluate`, as typed."""

import json
from pathlib import Path

from annotated import write_coco
from cli.conftest import Say
from rexpand.spec import network_to_toml
from shapes import SPEC

SMALL = ("--resolution", "64", "--epochs", "1", "--batch-size", "4")


def written(folder: Path) -> Path:
    """One file of annotations for all images, and the network's spec."""
    write_coco(folder / "data", {"instances": 10}, height=64, width=64)
    (folder / "small.toml").write_text(network_to_toml(SPEC))
    return folder / "small.toml"


def test_a_folder_with_one_file_for_all_is_trained_on_and_evaluated(
    say: Say, tmp_path: Path
) -> None:
    net = str(written(tmp_path))

    done = say(
        *("detect", "train", net, "--detector", "mask_rcnn", "--data", "./data"),
        *(*SMALL, "--detector-set", "fpn_width=16", "--detector-set", "box_width=32"),
        *("--detector-set", "mask_width=16", "--out", "run", "--json"),
    )
    judged = say("detect", "evaluate", "run", "--data", "./data", "--json")

    assert (done.code, judged.code) == (0, 0), done.err + judged.err
    trained, found = json.loads(done.out), json.loads(judged.out)
    # A fifth is held out, and the note says so.
    assert (trained["images"], trained["evaluated_images"]) == (8, 2)
    assert "2 images are, drawn by seed 0" in done.err
    for measure in ("box_ap", "box_ap50", "mask_ap"):
        assert found[measure] == trained[measure]
    assert set(found["classes"]) == {"box", "disc"}


def test_a_plan_says_what_a_training_takes_and_leaves_nothing(
    say: Say, tmp_path: Path
) -> None:
    net = str(written(tmp_path))

    told = say("detect", "train", net, "--data", "./data", *SMALL, "--plan", "--json")

    assert told.code == 0, told.err
    plan = json.loads(told.out)
    assert (plan["epochs"], plan["evaluations"], plan["steps_per_epoch"]) == (1, 1, 2)
    assert plan["total_seconds"] > 0
    assert not (tmp_path / "runs").exists()


def test_the_training_images_are_judged_if_asked(say: Say, tmp_path: Path) -> None:
    net = str(written(tmp_path))
    say("detect", "train", net, "--data", "./data", *SMALL, "--out", "run")

    found = say("detect", "evaluate", "run", "--data", "./data", "--part", "train")

    assert found.code == 0, found.err
    assert "run on ./data, train: box AP 0." in found.out
    assert "(8 images)" in found.out


def test_the_recipe_is_shown_with_its_changes(say: Say) -> None:
    typed = "--recipe 1x --augment lsj --learning-rate 0.003 --batch-size 6"

    shown = say("detect", "train", "--show", *typed.split())

    assert shown.code == 0, shown.err
    assert "epochs = 12" in shown.out
    assert "learning_rate = 0.003" in shown.out
    assert "batch_size = 6" in shown.out
    assert "[augmentation.jitter]" in shown.out


def test_what_cannot_be_is_one_line_with_the_way_out(say: Say, tmp_path: Path) -> None:
    net = str(written(tmp_path))
    start = ("detect", "train", net, "--data", "./data")
    mistakes = {
        (*start, "--detector-set", "fpn=3"): "fpn",
        (*start, "--detector", "yolo"): "ssdlite",
        (*start, "--levels", "7"): "7",
        (*start, "--augment", "lots"): "choose from none, flip",
        (*start, "--resolution", "8"): "smaller than the deepest stride",
        ("detect", "train"): "give one, such as mobilenetv2_050",
        ("detect", "evaluate", "data", "--data", "data"): "detector.safetensors",
    }

    for command, way_out in mistakes.items():
        said = say(*command)

        assert said.code == 2, said.out
        assert way_out in said.err, said.err
        assert len(said.err.splitlines()) <= 3, said.err
