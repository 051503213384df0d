"""COCO's annotations: what their numbers become, and what is refused in one line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotated import read_json, write_coco, write_json
from rexpand.data.detection import Instance, RunLengths, load_annotated, load_detection
from rexpand.data.detection.coco import read_coco
from rexpand.data.detection.masks import coco_mask, mask_pixels
from rexpand.data.detection.run_lengths import decompressed
from rexpand.errors import DataError


@pytest.fixture
def shapes(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "shapes", {"train": 4, "val": 2})


def changed(folder: Path, change: Callable[[Any], object], part: str = "train") -> Path:
    """The annotations of a part with a change to their content."""
    path = folder / "annotations" / f"instances_{part}.json"
    content = read_json(path)
    change(content)
    return write_json(path, content)


def test_classes_count_from_0_in_the_order_of_their_ids(shapes: Path) -> None:
    data = load_detection(shapes)

    # Ids have gaps (1 and 3 here), classes have none.
    assert data.class_names == ("box", "disc")
    assert data.train.category_ids == (1, 3)
    assert [each.category for each in data.train.images[0].instances] == [0, 1]
    assert (len(data.train), len(data.held_out)) == (4, 2)
    assert not data.is_parted_by_seed


def test_a_box_of_coco_becomes_its_corners(shapes: Path) -> None:
    changed(
        shapes, lambda content: content["annotations"][0].update(bbox=[3, 4, 10, 20])
    )

    [first, _] = load_detection(shapes).train.images[0].instances

    assert first.box == (3, 4, 13, 24)


def test_run_lengths_are_read_plain_and_compressed(shapes: Path) -> None:
    from pycocotools import mask

    pixels = np.zeros((48, 64), np.uint8, order="F")
    pixels[5:30, 7:9] = pixels[20, 30:60] = 1
    text = mask.encode(pixels)["counts"].decode()
    counts = decompressed(text, "counts")
    for given in (text, list(counts)):
        runs = {"size": [48, 64], "counts": given}
        changed(shapes, lambda c, r=runs: c["annotations"][0].update(segmentation=r))

        found = load_detection(shapes).train.images[0].instances[0].mask

        assert found == RunLengths(height=48, width=64, counts=counts)
        assert (mask_pixels(found, 48, 64) == pixels).all()


@pytest.mark.parametrize("part", ["train2017", "val2017"])
def test_the_masks_of_coco_are_those_of_pycocotools(
    real_data: Callable[[str], Path], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from pycocotools.coco import COCO

    path = (
        real_data("coco_mini") / "coco_mini" / "annotations" / f"instances_{part}.json"
    )
    theirs = COCO(str(path))

    for image in read_coco(path).images:
        for given in image.instances:
            known = theirs.anns[int(given.place.split()[1])]
            assert given.mask is not None
            assert given.is_crowd == bool(known["iscrowd"])
            ours = coco_mask(given.mask, image.height or 0, image.width or 0)
            # Polygons, and crowds' run lengths: every pixel.
            assert ours == theirs.annToRLE(known)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c.pop("categories"), "it has no list of categories"),
        (lambda c: c["categories"].clear(), "categories is empty"),
        (
            lambda c: c["categories"][1].update(id=1),
            "categories[1].id 1 is that of 'box' too",
        ),
        (
            lambda c: c["categories"][1].update(name="box"),
            "2 categories have the name 'box'",
        ),
        (
            lambda c: c["annotations"][1].update(bbox=[1, 2, 3]),
            "annotations[1].bbox is [1, 2, 3]; give a list of 4",
        ),
        (
            lambda c: c["annotations"][1].update(bbox=[1, 2, 3, "4"]),
            "annotations[1].bbox[3] is '4'; give a number",
        ),
        (
            lambda c: c["annotations"][1].update(bbox=[1, 2, 3, float("nan")]),
            "annotations[1].bbox[3] is nan; give a finite number",
        ),
        (lambda c: c["annotations"][1].pop("bbox"), "missing key annotations[1].bbox"),
        (
            lambda c: c["annotations"][1].update(segmentation=[[1, 2, "3", 4, 5, 6]]),
            "annotations[1].segmentation[0][2] is '3'",
        ),
        (
            lambda c: c["annotations"][1].update(segmentation=7),
            "annotations[1].segmentation is 7; give outlines or run lengths",
        ),
        (
            lambda c: c["annotations"][1].update(
                segmentation={"size": [48, 64], "counts": "\u20ac"}
            ),
            "annotations[1].segmentation.counts is no text of run lengths",
        ),
        (
            lambda c: c["images"][2].update(height="48"),
            "images[2].height is '48'; give a whole number",
        ),
        (lambda c: c["images"].insert(0, 5), "images[0] is 5; give a table"),
    ],
)
def test_a_damaged_file_is_one_line_with_place_and_value(
    shapes: Path, change: Callable[[Any], object], said: str
) -> None:
    path = changed(shapes, change)

    with pytest.raises(DataError, match=re.escape(f"{path}: {said}")):
        load_detection(shapes)


def test_a_file_that_is_cut_off_is_named(shapes: Path) -> None:
    path = shapes / "annotations" / "instances_train.json"
    path.write_text(path.read_text()[:700])

    with pytest.raises(DataError, match=re.escape(f"{path}: it is not valid JSON")):
        load_detection(shapes)


def test_an_object_without_a_mask_has_the_area_of_its_box(shapes: Path) -> None:
    def without(content: Any) -> None:
        content["annotations"][0].update(bbox=[0, 0, 4, 5], segmentation=[])
        del content["annotations"][0]["area"]

    changed(shapes, without)

    [first, _] = load_detection(shapes).train.images[0].instances

    assert first == Instance(category=0, box=(0, 0, 4, 5), area=20)


def test_the_images_of_a_place_without_a_training_part_can_judge(shapes: Path) -> None:
    (shapes / "annotations" / "instances_train.json").unlink()

    assert len(load_annotated(shapes)) == 2
    with pytest.raises(DataError, match="has annotations of val alone"):
        load_detection(shapes)
