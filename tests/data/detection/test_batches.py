"""Batches of annotated images: what torchvision's detectors take, the same every time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from annotated import read_json, write_coco, write_json
from rexpand.data.detection import DetectionData, DetectionSplit, load_detection
from rexpand.data.part import Part
from rexpand.errors import DataError

CPU = torch.device("cpu")
Batches = list[tuple[list[Tensor], list[dict[str, Tensor]]]]


@pytest.fixture
def data(tmp_path: Path) -> DetectionData:
    return load_detection(write_coco(tmp_path / "shapes", {"train": 5, "val": 2}))


def ids(batches: Batches) -> list[list[int]]:
    return [[int(target["image_id"]) for target in targets] for _, targets in batches]


def test_an_image_and_its_target_are_those_of_the_files(data: DetectionData) -> None:
    image = data.train.images[1]

    [_, (images, targets)] = data.train.subset([0, 1]).batches(batch_size=1, device=CPU)

    stored = np.asarray(Image.open(image.file)).transpose(2, 0, 1)
    [pixels], [target] = images, targets
    assert torch.equal(pixels, torch.from_numpy(stored.astype(np.float32) / 255))
    assert target["boxes"].tolist() == [[*map(float, e.box)] for e in image.instances]
    # 0 is background in torchvision's detectors.
    assert target["labels"].tolist() == [1, 2]
    assert {name: each.dtype for name, each in target.items()} == {
        "boxes": torch.float32,
        "labels": torch.int64,
        "image_id": torch.int64,
        "area": torch.float32,
        "iscrowd": torch.int64,
    }


def test_masks_are_rasterised_when_they_are_asked_for(data: DetectionData) -> None:
    [(_, [target])] = data.train.subset([0]).batches(
        batch_size=1, device=CPU, masks=True
    )

    [square, disc] = target["masks"]
    x_min, y_min, x_max, y_max = map(int, target["boxes"][0])
    assert (square.shape, square.dtype) == ((48, 64), torch.uint8)
    assert square[y_min:y_max, x_min:x_max].all()
    assert square.sum() == (x_max - x_min) * (y_max - y_min)
    assert 0 < disc.sum() < target["area"][1]


def test_order_is_a_function_of_the_seed(data: DetectionData) -> None:
    def order(seed: int | None) -> list[list[int]]:
        return ids([*data.train.batches(batch_size=2, device=CPU, seed=seed)])

    assert order(None) == [[1, 2], [3, 4], [5]]
    assert order(3) == order(3)
    assert order(3) != order(4)
    assert sorted(each for batch in order(3) for each in batch) == [1, 2, 3, 4, 5]


def test_an_epoch_that_goes_on_at_a_batch_has_the_rest(data: DetectionData) -> None:
    def order(part: Part) -> list[list[int]]:
        batches = data.train.batches(batch_size=2, device=CPU, seed=1, part=part)
        return ids([*batches])

    whole = order(Part())

    assert order(Part(first_batch=1)) == whole[1:]
    # Two processes share each batch.
    first, second = (order(Part(process=each, processes=2)) for each in (0, 1))
    assert [a + b for a, b in zip(first[:2], second[:2], strict=True)] == whole[:2]


def test_a_crowd_judges_and_does_not_train(tmp_path: Path) -> None:
    folder = write_coco(tmp_path / "shapes", {"train": 2, "val": 1})
    path = folder / "annotations" / "instances_train.json"
    content = read_json(path)
    content["annotations"][0]["iscrowd"] = 1
    write_json(path, content)
    split = load_detection(folder).train

    [(_, judging)] = split.batches(batch_size=2, device=CPU)
    [(_, training)] = split.batches(batch_size=2, device=CPU, seed=0)

    assert [target["iscrowd"].tolist() for target in judging] == [[1, 0], [0, 0]]
    assert sorted(len(target["boxes"]) for target in training) == [1, 2]
    assert split.instances == 3


def test_a_corrupt_image_is_named_when_its_turn_comes(data: DetectionData) -> None:
    path = Path(data.train.images[2].file)
    path.write_bytes(path.read_bytes()[:200])
    batches = data.train.batches(batch_size=2, device=CPU)

    assert len(next(batches)[0]) == 2
    with pytest.raises(DataError, match=r"train-3.png' cannot be decoded.*'skip'"):
        next(batches)


def test_an_image_of_another_size_is_not_trained_on(data: DetectionData) -> None:
    Image.new("RGB", (64, 50)).save(data.train.images[0].file)

    with pytest.raises(DataError, match=r"has 64x50 pixels, .* are for 64x48"):
        next(data.train.batches(batch_size=2, device=CPU))


def test_an_image_is_turned_as_its_annotations_are(data: DetectionData) -> None:
    # A phone stores what it sees on its side, and says so; annotation tools turn it.
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = Image.new("RGB", (48, 64), (255, 0, 0))
    stored.save(data.train.images[0].file, exif=exif)

    images, _ = next(data.train.batches(batch_size=1, device=CPU))

    assert images[0].shape == (3, 48, 64)


def test_masks_are_not_made_up(data: DetectionData) -> None:
    first, *rest = data.train.images
    bare = replace(first, instances=(replace(first.instances[0], mask=None),))
    split = DetectionSplit(
        class_names=data.class_names,
        category_ids=data.train.category_ids,
        images=(bare, *rest),
    )

    assert data.train.has_masks
    assert not split.has_masks
    with pytest.raises(DataError, match=r"object 0 of .* has no mask"):
        split.batches(batch_size=1, device=CPU, masks=True)


def test_classes_can_be_numbered_as_a_detectors(data: DetectionData) -> None:
    split = data.train.numbered_as(("disc", "dot", "box"))

    assert [each.category for each in split.images[0].instances] == [2, 0]
    assert split.category_ids == (3, 4, 1)
    with pytest.raises(DataError, match="class 'box' is none of the detector's 1"):
        data.train.numbered_as(("disc",))


def test_a_fingerprint_is_of_files_and_annotations(tmp_path: Path) -> None:
    one, other = (
        load_detection(write_coco(tmp_path / name / "shapes", {"train": 2, "val": 1}))
        for name in ("here", "there")
    )

    # The same set in another place is the same.
    assert one.fingerprint == other.fingerprint
    path = Path(one.train.images[0].file)
    path.write_bytes(path.read_bytes() + b"0")
    again = load_detection(tmp_path / "here" / "shapes")
    assert again.fingerprint != one.fingerprint
