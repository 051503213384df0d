"""What is wrong with annotations: counted, left out if asked, and never guessed."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from annotated import read_json, write_coco, write_json, write_labelme, write_voc
from rexpand.data.detection import (
    DetectionReport,
    check_detection,
    is_detection,
    load_annotated,
    load_detection,
)
from rexpand.data.detection.defects import HARMFUL, HARMLESS
from rexpand.errors import DataError

Change = Callable[[Path, Any], object]
BIG = [0, 0, 500, 0, 500, 500]


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "coco", {"train": 3, "val": 2})


def changed(folder: Path, change: Change) -> Path:
    path = folder / "annotations" / "instances_train.json"
    content = read_json(path)
    change(folder, content)
    return write_json(path, content)


def first(**fields: object) -> Change:
    """Other fields for the first annotation."""
    return lambda _, content: content["annotations"][0].update(fields)


def image(**fields: object) -> Change:
    """Other fields for the first image."""
    return lambda _, content: content["images"][0].update(fields)


def cut_off(folder: Path, _: object) -> None:
    path = folder / "train" / "train-1.png"
    path.write_bytes(path.read_bytes()[:300])


def runs(height: int, width: int, *counts: int) -> Change:
    return first(segmentation={"size": [height, width], "counts": [*counts]})


# Of six objects in three images: how many are left, and how many images.
STOPPING: dict[str, tuple[Change, int, int, str]] = {
    "box of no area": (first(bbox=[5, 5, 0, 9]), 5, 3, "the box [5, 5, 5, 14]"),
    "reversed box": (first(bbox=[9, 5, -4, 9]), 5, 3, "the box [9, 5, 5, 14]"),
    "box outside the image": (
        first(bbox=[64, 5, 4, 9]),
        5,
        3,
        "the box [64, 5, 68, 14] in 64x48 pixels",
    ),
    "missing image": (first(image_id=77), 5, 3, "is of image_id 77, which is not"),
    "unknown category": (first(category_id=2), 5, 3, "has category_id 2, which is"),
    "missing file": (
        lambda folder, _: (folder / "train" / "train-1.png").unlink(),
        4,
        2,
        "image 'train-1.png' is nowhere in the folder",
    ),
    "corrupt file": (cut_off, 4, 2, "train-1.png: cannot be decoded"),
    "file of another size": (
        image(height=47),
        4,
        2,
        "has 64x48 pixels, its annotations are for 64x47",
    ),
    # Whose objects they are, nobody knows: they stay with the first image.
    "duplicate image id": (
        lambda _, content: content["images"][2].update(id=1),
        4,
        2,
        "images[2].id 1 is there before",
    ),
    "mask of another size": (
        runs(64, 48, 100, 64 * 48 - 100),
        5,
        3,
        "a mask of 48x64, 3,072 pixels, in 64x48 pixels",
    ),
    "mask without an outline": (
        first(segmentation=[[1, 2, 3, 4]]),
        5,
        3,
        "an outline of 4 numbers",
    ),
}


def counts(found: Any) -> dict[str, int]:
    return {kind: len(said) for kind, said in found.items()}


@pytest.mark.parametrize("kind", STOPPING)
def test_a_defect_is_counted_and_left_out_if_that_is_asked(
    coco: Path, kind: str
) -> None:
    change, instances, images, said = STOPPING[kind]
    path = changed(coco, change)

    report = check_detection(coco)
    data = load_detection(coco, on_defect="skip")

    expected = {kind: 1}
    if kind == "duplicate image id":  # the objects of the third image have none now
        expected["missing image"] = 2
    assert counts(report.stopping) == expected
    assert said in report.stopping[kind][0]
    assert report.stopping[kind][0].startswith((f"{path}: ", f"{coco}/train/train-1"))
    assert (len(data.train), data.train.instances) == (images, instances)
    assert {defect.kind for defect in data.defects if defect.stops} == {*expected}


@pytest.mark.parametrize("kind", STOPPING)
def test_a_defect_stops_a_training_unless_it_is_left_out(coco: Path, kind: str) -> None:
    changed(coco, STOPPING[kind][0])

    if kind in ("corrupt file", "file of another size"):
        # It is not known before an image is decoded.
        load_detection(coco)
    else:
        with pytest.raises(DataError, match=f"has defects .*{kind} 1.*first: .*'skip'"):
            load_detection(coco)


HARMLESS_CHANGES: dict[str, tuple[Change, str]] = {
    "box cut to the image": (
        first(bbox=[60, 5, 9, 9]),
        "the box [60, 5, 69, 14] in 64x48 pixels",
    ),
    "duplicate annotation id": (
        lambda _, content: content["annotations"][3].update(id=2),
        "annotations[3].id 2 is there twice",
    ),
    "image without annotations": (
        lambda _, content: content.update(annotations=content["annotations"][2:]),
        "train-1.png' has no annotation; it is kept as background",
    ),
    "file without annotations": (
        lambda folder, _: Image.new("RGB", (9, 9)).save(folder / "train" / "new.png"),
        "new.png: no annotation file names it",
    ),
    "file of two parts": (
        image(file_name="val/val-1.png"),
        "val-1.png' is of train and of val",
    ),
    "class without training objects": (
        lambda _, content: [a.update(category_id=1) for a in content["annotations"]],
        "val: 'disc' has no object to train on, and 2 here",
    ),
}


@pytest.mark.parametrize("kind", HARMLESS_CHANGES)
def test_a_harmless_defect_is_counted_and_never_stops(coco: Path, kind: str) -> None:
    change, said = HARMLESS_CHANGES[kind]
    changed(coco, change)

    report = check_detection(coco)
    data = load_detection(coco)

    assert report.stopping == {}
    assert said in report.harmless[kind][0]
    # Every image stays.
    assert len(data.train) == 3


def test_gaps_in_ids_are_counted(coco: Path) -> None:
    report = check_detection(coco)

    # COCO's own have ten: 1 to 90 for 80 classes.
    [said, _] = report.harmless["gap in category ids"]
    assert said.endswith("1 of the ids 1 to 3 are no category")


def test_a_box_is_cut_to_the_image(coco: Path) -> None:
    changed(coco, first(bbox=[-3.5, 40, 10, 8.5]))

    [box] = [each.box for each in load_detection(coco).train.images[0].instances[:1]]

    assert box == (0, 40, 6.5, 48)
    # What is less than a pixel outside is rounding, and not worth a word.
    changed(coco, first(bbox=[-0.5, 40, 10, 8.5]))
    assert "box cut to the image" not in check_detection(coco).harmless


def test_of_several_outlines_the_sound_ones_stay(coco: Path) -> None:
    changed(coco, first(segmentation=[[1, 1, 9, 1, 9, 9], [3, 4]]))

    data = load_detection(coco, on_defect="skip")

    mask = data.train.images[0].instances[0].mask
    assert getattr(mask, "outlines", None) == ((1, 1, 9, 1, 9, 9),)
    assert data.train.instances == 6


def test_an_outline_of_a_larger_image_is_a_mask_of_another_size(coco: Path) -> None:
    changed(coco, first(segmentation=[BIG]))

    [said] = check_detection(coco).stopping["mask of another size"]

    assert "a mask that reaches to 500 in 64x48 pixels" in said


def test_all_defects_are_in_one_message(coco: Path) -> None:
    def several(_: Path, content: Any) -> None:
        for number, box in enumerate(([1, 1, 0, 0], [2, 2, 0, 5], [5, 5, -1, 3])):
            content["annotations"][number].update(bbox=box)

    changed(coco, several)

    said = r"coco has defects \(box of no area 2, reversed box 1\), the first: "
    with pytest.raises(DataError, match=said):
        load_detection(coco)


def test_a_shape_of_another_kind_is_counted(coco: Path, tmp_path: Path) -> None:
    folder = write_labelme(tmp_path / "labelme", coco, shape="polygon")
    path = folder / "val" / "val-1.json"
    content = read_json(path)
    content["shapes"][0].update(shape_type="circle", points=[[9, 9], [12, 9]])
    write_json(path, content)

    [said] = check_detection(folder).stopping["shape of another kind"]

    assert said == f"{path}: shapes[0] (box) is a circle; draw a polygon or a rectangle"
    assert load_detection(folder, on_defect="skip").held_out.instances == 3


def test_an_image_of_a_set_without_its_file_is_counted(
    coco: Path, tmp_path: Path
) -> None:
    voc = write_voc(tmp_path / "voc", coco, sets=True)
    (voc / "Annotations" / "train-2.xml").unlink()

    report = check_detection(voc)

    [said] = report.stopping["image without annotation file"]
    assert said == "train.txt: image 'train-2' has no XML file"
    # Its picture is there, and nobody knows what is on it.
    assert len(report.harmless["file without annotations"]) == 1
    assert len(load_detection(voc, on_defect="skip").train) == 2


def test_an_image_that_no_memory_holds_is_not_believed(coco: Path) -> None:
    changed(coco, image(height=60_000, width=60_000))

    [said] = check_detection(coco).stopping["file of another size"]

    assert "train-1.png' is said to have 60000x60000 pixels" in said


def empty(_: Path, content: Any) -> None:
    content.update(images=[], annotations=[])


def bare(_: Path, content: Any) -> None:
    content.update(annotations=[])


@pytest.mark.parametrize(("change", "images"), [(empty, 0), (bare, 3)])
def test_an_empty_data_set_is_said_to_be_one(
    coco: Path, change: Change, images: int
) -> None:
    changed(coco, change)

    report = check_detection(coco)

    assert report.stopping["part without objects"] == (
        "train: no image of it has an object",
    )
    for on_defect in ("fail", "skip"):
        said = f"has {images} images and no object to train on; annotate some"
        with pytest.raises(DataError, match=said):
            load_detection(coco, on_defect=on_defect)  # type: ignore[arg-type]


def test_who_judges_can_leave_out_too(coco: Path) -> None:
    (coco / "val" / "val-2.png").unlink()

    with pytest.raises(DataError, match="missing file 1"):
        load_annotated(coco)
    assert len(load_annotated(coco, on_defect="skip")) == 1


def test_a_check_counts_parts_and_classes(coco: Path) -> None:
    changed(coco, first(iscrowd=1))

    report = check_detection("coco", coco.parent)

    train, val = report.parts
    assert (train.images, train.instances, train.crowds, train.masks) == (3, 5, 1, 5)
    assert (val.name, val.images, val.instances) == ("val", 2, 4)
    assert report.instances_of == {"box": 4, "disc": 5}
    assert (report.trains, report.is_held_out) == ("train", "val")


def test_every_kind_of_defect_is_met_in_these_tests() -> None:
    met = {*STOPPING, *HARMLESS_CHANGES, "gap in category ids"}

    elsewhere = {
        "shape of another kind",
        "image without annotation file",
        "part without objects",
    }
    assert met | elsewhere == {*HARMFUL, *HARMLESS}


def test_a_folder_of_classes_is_none_of_annotations(coco: Path, tmp_path: Path) -> None:
    (tmp_path / "pets" / "train" / "cat").mkdir(parents=True)
    write_json(tmp_path / "pets" / "classes.json", {"images": 5})
    other = '<node><annotation name="of another kind" value="1"/></node>'
    (tmp_path / "pets" / "interface.xml").write_text(other)

    assert is_detection("coco", tmp_path)
    assert not is_detection("pets", tmp_path)
    assert not is_detection("nowhere", tmp_path)
    # Damage does not make it a folder of classes.
    path = coco / "annotations" / "instances_train.json"
    path.write_text(path.read_text()[:900])
    (coco / "annotations" / "instances_val.json").unlink()
    assert is_detection("coco", tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"on_defect": "ignore"}, "on_defect 'ignore' is unknown; use fail or skip"),
        ({"held_out": 1.0}, "held_out is 1.0; give more than 0 and less than 1"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_an_option_of_another_value_is_refused(
    coco: Path, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(DataError, match=re.escape(said)):
        load_detection(coco, **options)


def test_a_check_is_written_for_a_person(
    coco: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from rexpand.cli.data_detection import print_detection

    changed(coco, first(bbox=[5, 5, 0, 9]))

    print_detection(check_detection(coco))

    written = capsys.readouterr().out
    assert "coco: COCO, 2 classes" in written
    assert re.search(r"^train +training +1 +3 +0 +5 +0 +5$", written, re.MULTILINE)
    assert re.search(r"^val +held out +1 +2 +0 +4 +0 +4$", written, re.MULTILINE)
    assert re.search(r"^stops +box of no area +1 +/.*\[5, 5, 5, 14\]$", written, re.M)
    report: DetectionReport = check_detection(coco)
    assert report.stopping.keys() == {"box of no area"}
