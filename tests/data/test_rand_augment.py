"""RandAugment of batches, and image by image, is timm's."""

import numpy as np
import pytest
import torch
from PIL import Image
from timm.data import auto_augment as timms
from torch import Tensor

from rexpand.data.operations import MOVES, OPERATIONS
from rexpand.data.rand_augment import draw_operations, rand_augmented
from rexpand.data.rand_augment_image import rand_augmented_each
from rexpand.recipe import RandAugment

FILL = torch.tensor([120.0, 110.0, 100.0])
SIDE = 32

TIMMS = {
    "auto_contrast": "AutoContrast",
    "equalize": "Equalize",
    "invert": "Invert",
    "posterize": "Posterize",
    "solarize": "Solarize",
    "solarize_add": "SolarizeAdd",
    "contrast": "Contrast",
    "brightness": "Brightness",
    "colour": "Color",
    "sharpness": "Sharpness",
    "rotate": "Rotate",
    "shear_x": "ShearX",
    "shear_y": "ShearY",
    "translate_x": "TranslateXRel",
    "translate_y": "TranslateYRel",
}


def smooth_images() -> Tensor:
    """Three images of waves, whose bilinear samples change little within a pixel."""
    y, x = np.mgrid[:SIDE, :SIDE] / SIDE
    waves = [
        np.stack([np.sin(2 * x + k), np.cos(y + x * k), np.sin(3 * y * x + k)], -1)
        for k in range(3)
    ]
    return torch.from_numpy((127.5 + 110 * np.stack(waves)).astype(np.uint8))


def ours(images: Tensor, name: str, magnitude: float) -> Tensor:
    shape = (len(images), 1)
    chosen = torch.full(shape, OPERATIONS.index(name))
    return rand_augmented(images, chosen, torch.full(shape, magnitude), FILL)


def theirs(image: Tensor, name: str, magnitude: float) -> Tensor:
    """timm's operation of that magnitude, without a draw."""
    operation = timms.AugmentOp(TIMMS[name], prob=1.0)
    arguments: tuple[float, ...] = ()
    if operation.level_fn is not None:
        arguments = operation.level_fn(abs(magnitude), operation.hparams)
    if name in MOVES:  # the sign is drawn there, ours has it in the magnitude
        arguments = (abs(arguments[0]) * (1 if magnitude > 0 else -1),)
    fill = tuple(int(each) for each in FILL)
    changed = operation.aug_fn(
        Image.fromarray(image.numpy()),
        *arguments,
        fillcolor=fill,
        resample=Image.Resampling.BILINEAR,
    )
    return torch.from_numpy(np.array(changed))


def test_the_operations_are_those_of_timm() -> None:
    assert sorted(TIMMS.values()) == sorted(timms._RAND_TRANSFORMS)
    assert set(TIMMS) == set(OPERATIONS)


@pytest.mark.parametrize("magnitude", [-9.0, 3.0, 10.0])
@pytest.mark.parametrize("name", OPERATIONS)
def test_image_by_image_it_is_timms_to_the_bit(name: str, magnitude: float) -> None:
    images = smooth_images()
    shape = (len(images), 1)
    chosen = torch.full(shape, OPERATIONS.index(name))
    fill = tuple(int(each) for each in FILL)

    found = rand_augmented_each(images, chosen, torch.full(shape, magnitude), fill)

    for image, changed in zip(images, found, strict=True):
        assert torch.equal(changed, theirs(image, name, magnitude))


@pytest.mark.parametrize("magnitude", [3.0, 4.0, 9.0, 10.0])
@pytest.mark.parametrize("name", OPERATIONS[:-5])
def test_a_change_of_colour_is_timms(name: str, magnitude: float) -> None:
    images = smooth_images()

    changed = ours(images, name, magnitude)

    for image, found in zip(images, changed, strict=True):
        expected = theirs(image, name, magnitude)
        # Bytes; where a product is rounded, float32 and float64 may differ by one.
        assert (found.int() - expected.int()).abs().max() <= 1
        assert (found != expected).float().mean() < 0.1


@pytest.mark.parametrize("magnitude", [9.0, -9.0, 3.0])
@pytest.mark.parametrize("name", MOVES)
def test_a_movement_is_timms(name: str, magnitude: float) -> None:
    images = smooth_images()

    moved = ours(images, name, magnitude)

    for image, found in zip(images, moved, strict=True):
        expected = theirs(image, name, magnitude)
        is_far = (found.int() - expected.int()).abs().amax(2) > 2
        # Only along the border of the image Pillow fills whole pixels, ours mixes them.
        assert is_far.float().mean() < 2 / SIDE
        # And neither leaves the images as they are.
        assert (found != image).float().mean() > 0.2


def test_each_image_has_its_own_operations() -> None:
    images = smooth_images()
    chosen = torch.tensor([[2, 2], [-1, -1], [-1, 2]])

    twice, never, once = rand_augmented(images, chosen, torch.full((3, 2), 9.0), FILL)

    # Inverted twice, not at all, and once.
    assert torch.equal(twice, images[0])
    assert torch.equal(never, images[1])
    assert torch.equal(once, 255 - images[2])


def test_images_of_one_channel_are_changed_too() -> None:
    images = smooth_images()[..., :1]
    chosen = torch.arange(len(OPERATIONS)) % len(OPERATIONS)

    changed = rand_augmented(
        images[:1].repeat(len(OPERATIONS), 1, 1, 1),
        chosen[:, None],
        torch.full((len(OPERATIONS), 1), 9.0),
        FILL[:1],
    )

    assert changed.shape == (len(OPERATIONS), SIDE, SIDE, 1)


def test_one_channel_changes_alike_image_by_image_and_in_a_batch() -> None:
    grey = smooth_images()[:1, ..., :1].repeat(len(OPERATIONS), 1, 1, 1)
    chosen = torch.arange(len(OPERATIONS))[:, None]
    magnitudes = torch.full(chosen.shape, 9.0)

    each = rand_augmented_each(grey, chosen, magnitudes, (120,))
    batch = rand_augmented(grey, chosen, magnitudes, FILL[:1])

    # As for colours: a byte of rounding, and the border of a movement.
    is_far = (each.int() - batch.int()).abs() > 2
    assert is_far.float().mean(dim=(1, 2, 3)).amax() < 2 / SIDE


def test_draws_have_the_stated_shares() -> None:
    values = RandAugment(magnitude=9.0, deviation=0.5)
    generator = torch.Generator().manual_seed(0)

    chosen, magnitudes = draw_operations(values, 20_000, generator)

    # Half is done; each of 15 equally often: within five standard deviations.
    is_done = chosen >= 0
    assert is_done.float().mean() == pytest.approx(0.5, abs=5 * 0.0025)
    counts = torch.bincount(chosen[is_done], minlength=15)
    assert len(counts) == 15
    assert counts.float().std() / counts.float().mean() < 0.08
    # Around 9, cut at 10, with either sign.
    assert magnitudes.abs().mean() == pytest.approx(9.0, abs=0.05)
    assert magnitudes.abs().max() == 10
    assert magnitudes.sign().mean() == pytest.approx(0, abs=0.03)
