"""Whatever annotations say, training images come of them, or one line."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings

from annotated import coco_content, write_coco, write_json
from mutations import damaged
from rexpand.data.detection import check_detection, load_detection
from rexpand.errors import MistakeError
from rexpand.recipe import DETECTION_AUGMENTATIONS

CONTENT = coco_content("train", 3, height=48, width=64)
CONTENT["annotations"][0]["segmentation"] = {"size": [48, 64], "counts": [100, 2972]}
CONTENT["annotations"][3]["segmentation"] = {
    "size": [48, 64],
    "counts": "T34hl2",  # 100 pixels outside, 4 inside, and 2,968 outside
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_coco(tmp_path_factory.mktemp("whole") / "coco", {"train": 3, "val": 1})


@settings(max_examples=120)
@given(content=damaged(CONTENT))
def test_damaged_annotations_train_or_are_refused(whole: Path, content: bytes) -> None:
    (whole / "annotations" / "instances_train.json").write_bytes(content)

    assert _refusal(check_detection, whole).isprintable()
    assert _refusal(trained_on, whole).isprintable()


def test_the_undamaged_annotations_train(whole: Path) -> None:
    write_json(whole / "annotations" / "instances_train.json", CONTENT)

    # Else the law above would say nothing.
    assert _refusal(trained_on, whole) == ""


def _refusal(work: Callable[[Path], object], folder: Path) -> str:
    try:
        work(folder)
    except MistakeError as refusal:
        return str(refusal)
    return ""


def trained_on(folder: Path) -> None:
    split = load_detection(folder, on_defect="skip").train
    batches = split.batches(
        batch_size=2,
        device=torch.device("cpu"),
        seed=0,
        augmentation=DETECTION_AUGMENTATIONS["ssd"],
        masks=split.has_masks,
    )
    for _, targets in batches:
        for target in targets:
            boxes = target["boxes"]
            # torchvision refuses a box without height or width.
            assert bool((boxes[:, 2:] > boxes[:, :2]).all())
            assert bool(boxes.isfinite().all())


def test_files_that_are_none_are_not_read(whole: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(whole, tmp_path / "coco")
    (folder / "train" / "train-1.png").unlink()
    os.mkfifo(folder / "train" / "train-1.png")
    (folder / "annotations" / "instances_train.json").unlink()
    os.mkfifo(folder / "annotations" / "instances_train.json")
    (folder / "annotations" / "more.json").symlink_to("nowhere")

    # Whoever opened a pipe would wait without end.
    with pytest.raises(MistakeError, match="has annotations of val alone"):
        load_detection(folder)
