"""Augmentation of annotated images: what torchvision would do, from chance of our own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.transforms import v2
from torchvision.transforms.v2 import functional

from annotated import write_coco
from rexpand.data.detection import DetectionSplit, RunLengths, load_detection
from rexpand.data.detection.augmenting import Change
from rexpand.data.detection.distorting import distorted, drawn
from rexpand.data.detection.placement import Placement
from rexpand.data.detection.placing import placed
from rexpand.data.part import Part
from rexpand.errors import DataError
from rexpand.recipe import (
    DETECTION_AUGMENTATIONS,
    DetectionAugmentation,
    Expand,
    FixedSize,
    IoUCrop,
    LargeScaleJitter,
    PhotometricDistortion,
    ShorterSide,
)

CPU = torch.device("cpu")
SMALL = {
    **DETECTION_AUGMENTATIONS,
    "lsj": DetectionAugmentation(
        flip=True, jitter=LargeScaleJitter(side=60, least=0.5)
    ),
    "multiscale": DetectionAugmentation(
        flip=True, resize=ShorterSide(sides=(40, 56, 72), longest=90)
    ),
    "squares": replace(
        DETECTION_AUGMENTATIONS["ssd"], resize=FixedSize(height=40, width=40)
    ),
}
del SMALL["flip"]


@pytest.fixture
def split(tmp_path: Path) -> DetectionSplit:
    return load_detection(write_coco(tmp_path / "shapes", {"train": 6, "val": 1})).train


def epoch(
    split: DetectionSplit, augmentation: DetectionAugmentation, **options: Any
) -> list[tuple[torch.Tensor, dict[str, torch.Tensor]]]:
    asked = {"seed": 0, "batch_size": 2, "masks": True, **options}
    batches = split.batches(device=CPU, augmentation=augmentation, **asked)
    return [pair for images, targets in batches for pair in zip(images, targets)]  # noqa: B905


def assert_same(first: Any, second: Any) -> None:
    assert len(first) == len(second)
    for (image, target), (other, others) in zip(first, second, strict=True):
        assert torch.equal(image, other)
        assert target.keys() == others.keys()
        assert all(torch.equal(target[name], others[name]) for name in target)


@pytest.mark.parametrize("name", SMALL)
def test_objects_stay_where_they_are_seen(split: DetectionSplit, name: str) -> None:
    seen = 0
    for seed in range(4):
        augmentation = replace(SMALL[name], photometric=None)
        for image, target in epoch(split, augmentation, seed=seed):
            assert image.shape[1:] == target["masks"].shape[1:]
            for label, box, mask in zip(
                target["labels"], target["boxes"], target["masks"], strict=True
            ):
                # Squares are bright in red, discs dark: their masks are on them ...
                bright = image[0] > 0.75 if label == 1 else image[0] < 0.25
                # ... but for the pixels of an edge that was resampled.
                inner = mask.bool()
                for _ in range(2):
                    inner = _shrunk(inner)
                if inner.sum() < 9:
                    continue
                seen += 1
                assert bright[inner].float().mean() > 0.97
                # And the box is around it, to the pixel.
                rows, columns = torch.nonzero(mask, as_tuple=True)
                found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
                assert all(box[:2] < torch.stack(found[:2]) + 1)
                assert all(box[2:] > torch.stack(found[2:]) - 1.01)

    assert seen > 10


def _shrunk(mask: torch.Tensor) -> torch.Tensor:
    padded = torch.nn.functional.pad(mask, (1, 1, 1, 1))
    return padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]


@pytest.mark.parametrize("name", SMALL)
def test_an_epoch_is_a_function_of_its_seed(split: DetectionSplit, name: str) -> None:
    whole = epoch(split, SMALL[name])

    # However it is cut into batches, and whichever thread reads an image.
    assert_same(whole, epoch(replace(split, threads=1), SMALL[name], batch_size=3))
    # A run that goes on at the second batch has the same bits.
    assert_same(whole[2:], epoch(split, SMALL[name], part=Part(first_batch=1)))
    other = epoch(split, SMALL[name], seed=1)
    assert not all(
        torch.equal(one[0], two[0]) for one, two in zip(whole, other, strict=True)
    )


def test_reading_draws_nothing_from_the_generator_of_the_process(
    split: DetectionSplit,
) -> None:
    # A detector's samplers draw from it, while the next images are read.
    before = torch.get_rng_state()

    epoch(split, SMALL["ssd"])

    assert torch.equal(torch.get_rng_state(), before)


def picture() -> Image.Image:
    random = np.random.default_rng(5)
    small = Image.fromarray(random.integers(0, 256, (6, 8, 3), np.uint8))
    return small.resize((64, 48), Image.Resampling.BICUBIC)


BOXES = [(3.0, 4.0, 30.5, 20.25), (40.0, 10.0, 60.0, 44.0), (0.0, 0.0, 5.0, 5.0)]


def test_a_crop_and_resize_are_torchvisions() -> None:
    placement = Placement(
        source=(10, 6, 50, 46), target=(0, 0, 32, 24), height=24, width=32
    )

    boxes = tv_tensors.BoundingBoxes(
        torch.tensor(BOXES, dtype=torch.float64), format="XYXY", canvas_size=(48, 64)
    )
    theirs = functional.resize(functional.crop(boxes, 6, 10, 40, 40), [24, 32])
    image = functional.resized_crop(picture(), 6, 10, 40, 40, [24, 32])
    found = Change(placement=placement).picture(picture())
    limits = (32, 24, 32, 24)
    assert np.array_equal(np.asarray(found), np.asarray(image))
    assert np.allclose(placement.boxes(BOXES).clip(0, limits), theirs, atol=1e-12)


def test_a_flip_on_a_canvas_is_torchvisions() -> None:
    placement = Placement(
        source=(0, 0, 64, 48),
        target=(5, 9, 69, 57),
        height=60,
        width=90,
        is_flipped=True,
    )

    padding, fill = [5, 9, 90 - 69, 60 - 57], [123, 117, 104]
    boxes = tv_tensors.BoundingBoxes(
        torch.tensor(BOXES, dtype=torch.float64), format="XYXY", canvas_size=(48, 64)
    )
    theirs = functional.horizontal_flip(functional.pad(boxes, padding))
    image = functional.horizontal_flip(functional.pad(picture(), padding, fill))
    found = Change(placement=placement).picture(picture())
    assert np.array_equal(np.asarray(found), np.asarray(image))
    assert np.allclose(placement.boxes(BOXES), theirs, atol=1e-12)


def test_a_distortion_is_torchvisions() -> None:
    transform = v2.RandomPhotometricDistort()
    for seed in range(20):
        ours = drawn(PhotometricDistortion(), np.random.default_rng(seed))

        order = None if ours.channels is None else torch.tensor(ours.channels)
        theirs = transform.transform(
            picture(),
            {
                "brightness_factor": ours.brightness,
                "contrast_factor": ours.contrast,
                "saturation_factor": ours.saturation,
                "hue_factor": ours.hue,
                "contrast_before": ours.is_contrast_first,
                "channel_permutation": order,
            },
        )
        found = distorted(picture(), ours)
        assert np.array_equal(np.asarray(found), np.asarray(theirs))


def ours_drawn(augmentation: DetectionAugmentation, draws: int) -> np.ndarray:
    """Height and width of the image that a placement makes, without resampling."""
    generator = np.random.default_rng(0)
    found = (
        placed(augmentation, BOXES, height=48, width=64, generator=generator)
        for _ in range(draws)
    )
    return np.array([(each.height, each.width) for each in found])


def theirs_drawn(transform: Any, size: Callable[[Any], Any], draws: int) -> np.ndarray:
    boxes = tv_tensors.BoundingBoxes(
        torch.tensor(BOXES), format="XYXY", canvas_size=(48, 64)
    )
    torch.manual_seed(0)
    inputs = [tv_tensors.Image(torch.zeros(3, 48, 64)), boxes]
    return np.array([size(transform.make_params(inputs)) for _ in range(draws)])


@pytest.mark.parametrize(
    ("augmentation", "transform", "size"),
    [
        (
            DetectionAugmentation(expand=Expand(probability=1.0)),
            v2.RandomZoomOut(p=1.0),
            lambda p: (48 + sum(p["padding"][1::2]), 64 + sum(p["padding"][::2])),
        ),
        (
            DetectionAugmentation(crop=IoUCrop()),
            v2.RandomIoUCrop(),
            lambda p: (p.get("height", 48), p.get("width", 64)),
        ),
        (
            DetectionAugmentation(resize=ShorterSide(sides=(30, 60), longest=70)),
            v2.RandomShortestSize(min_size=[30, 60], max_size=70),
            lambda p: p["size"],
        ),
    ],
    ids=["expand", "crop", "shorter side"],
)
def test_sizes_are_drawn_as_torchvision_draws_them(
    augmentation: DetectionAugmentation, transform: Any, size: Callable[[Any], Any]
) -> None:
    ours = ours_drawn(augmentation, 400)
    theirs = theirs_drawn(transform, size, 400)

    # Mean and deviation of both are estimates: within four errors of their difference.
    for one, other in ((ours, theirs), ((ours - 50) ** 2, (theirs - 50) ** 2)):
        error = np.sqrt((one.var(0) + other.var(0)) / 400)
        assert (abs(one.mean(0) - other.mean(0)) < 4 * error).all()


def test_a_jittered_image_is_scaled_as_torchvision_scales_it() -> None:
    jitter = LargeScaleJitter(side=60, least=0.3, most=0.9)  # always filled
    generator = np.random.default_rng(0)
    ours = np.array(
        [
            placed(
                DetectionAugmentation(jitter=jitter),
                [],
                height=48,
                width=64,
                generator=generator,
            ).target[2:]
            for _ in range(400)
        ]
    )
    theirs = theirs_drawn(
        v2.ScaleJitter((60, 60), (0.3, 0.9)), lambda p: p["size"][::-1], 400
    )

    error = np.sqrt((ours.var(0) + theirs.var(0)) / 400)
    assert (abs(ours.mean(0) - theirs.mean(0)) < 4 * error).all()


def test_an_object_out_of_sight_goes_with_its_mask(split: DetectionSplit) -> None:
    image = split.images[0]
    first, second = image.instances
    # All that is left and above the middle of the second object is cut off.
    x, y = ((second.box[a] + second.box[a + 2]) / 2 for a in (0, 1))
    placement = Placement(
        source=(x, y, image.width, image.height),
        target=(0, 0, 20, 20),
        height=20,
        width=20,
    )

    seen = Change(placement=placement).seen(image, (first, second), with_masks=True)

    assert first.box[2] < x
    assert seen.instances == (second,)
    assert seen.masks is not None
    assert (len(seen.boxes), len(seen.masks), len(seen.areas)) == (1, 1, 1)
    # Its centre is on the edge: where centres count, it is out too.
    strict = Change(placement=placement, keeps_centres=True)
    assert strict.seen(image, (first, second), with_masks=True).instances == ()


def test_a_mask_of_pixels_moves_as_an_outline_does(split: DetectionSplit) -> None:
    from rexpand.data.detection.masks import coco_mask, mask_pixels
    from rexpand.data.detection.run_lengths import decompressed

    image = split.images[0]
    outlines = image.instances[0].mask
    assert outlines is not None
    text = coco_mask(outlines, 48, 64)["counts"].decode()
    runs = RunLengths(height=48, width=64, counts=decompressed(text, "counts"))
    assert (mask_pixels(runs, 48, 64) == mask_pixels(outlines, 48, 64)).all()
    for is_flipped in (False, True):
        placement = Placement(
            source=(0, 0, 64, 48),
            target=(4, 2, 132, 98),
            height=100,
            width=140,
            is_flipped=is_flipped,
        )

        one, other = (placement.mask(mask, 48, 64) for mask in (runs, outlines))

        # Twice as large in whole pixels: nothing is rounded.
        assert np.array_equal(one, other)
        assert one.any()


def test_a_background_image_is_augmented_too(split: DetectionSplit) -> None:
    background = replace(split.images[0], instances=())
    split = replace(split, images=(background,))

    [(image, target)] = epoch(split, SMALL["squares"], masks=False)

    assert image.shape == (3, 40, 40)
    assert target["boxes"].shape == (0, 4)
    assert target["labels"].dtype == target["iscrowd"].dtype == torch.int64


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (
            lambda: DetectionAugmentation(jitter=LargeScaleJitter(), crop=IoUCrop()),
            "jitter and crop both say",
        ),
        (lambda: IoUCrop(least=0.9, most=0.5), r"least 0\.9 of a side is above most"),
        (lambda: IoUCrop(overlaps=()), "overlaps is empty"),
        (lambda: Expand(most=0.5), r"most is 0\.5; give 1 to 100"),
        (lambda: PhotometricDistortion(hue=0.7), r"hue is 0\.7; give 0 to 0\.5"),
        (lambda: ShorterSide(sides=(0,)), "sides is 0; give 1 to 8192"),
    ],
)
def test_what_cannot_be_drawn_is_refused(made: Callable[[], Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        made()


def test_a_canvas_beyond_all_images_is_refused(split: DetectionSplit) -> None:
    huge = DetectionAugmentation(expand=Expand(probability=1.0, most=100.0))
    wide = replace(split.images[0], height=4000, width=5000)
    generator = np.random.default_rng(0)

    with pytest.raises(DataError, match="expand it less, or resize it"):
        placed(huge, [], height=wide.height, width=wide.width, generator=generator)


def test_augmentation_needs_a_seed(split: DetectionSplit) -> None:
    with pytest.raises(DataError, match="draws at random; give batches a seed"):
        epoch(split, SMALL["ssd"], seed=None)
