"""`rexpand data check`: images with classes, and images with boxes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from annotated import read_json, write_coco, write_json
from photos import write_photos

Say = Callable[..., Any]


def test_a_folder_is_checked_by_what_it_holds(tmp_path: Path, say: Say) -> None:
    write_coco(tmp_path / "shapes", {"train": 2, "val": 1})
    write_photos(tmp_path / "pets", {"train": 2, "test": 1}, height=16, width=16)

    shapes, pets = (say("data", "check", name, "--json") for name in ("shapes", "pets"))

    assert (shapes.code, pets.code) == (0, 0)
    found = json.loads(shapes.out)
    assert (found["layout"], found["classes"]) == ("COCO", 2)
    assert [part["images"] for part in found["parts"]] == [2, 1]
    assert json.loads(pets.out)["train_images"] == 4


def test_defects_are_counted_and_damage_is_one_line(tmp_path: Path, say: Say) -> None:
    folder = write_coco(tmp_path / "shapes", {"train": 2, "val": 1})
    path = folder / "annotations" / "instances_train.json"
    content = read_json(path)
    content["annotations"][0]["bbox"] = [5, 5, 0, 9]
    write_json(path, content)

    counted = say("data", "check", "shapes")
    path.write_text(path.read_text()[:500])
    damaged = say("data", "check", "shapes")

    # What can be counted is no failure of the check.
    assert counted.code == 0
    assert "box of no area" in counted.out
    assert damaged.code == 2
    assert "instances_train.json: it is not valid JSON" in " ".join(damaged.err.split())
