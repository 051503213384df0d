"""Our crops against torchvision's, whose import they save."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from rexpand.data.crops import centre_crop, random_crop
from rexpand.errors import DataError

SIZES = [(20, 16), (16, 20), (33, 7), (7, 90), (8, 8), (1, 40), (256, 171)]


def picture(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(0).integers(256, size=(height, width, 3))
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic", "lanczos"])
@pytest.mark.parametrize("crop", [0.875, 1.0, 0.5, 1.15])
def test_the_centre_is_torchvisions(crop, interpolation):
    mode = v2.InterpolationMode(interpolation)
    theirs = v2.Compose([v2.Resize(round(8 / crop), mode), v2.CenterCrop(8)])

    for size in SIZES:
        found = centre_crop(picture(*size), 8, crop=crop, interpolation=interpolation)

        assert np.array_equal(found, theirs(picture(*size))), size


@pytest.mark.parametrize("size", SIZES)
def test_random_parts_are_torchvisions(size):
    theirs = v2.RandomResizedCrop(8, interpolation=v2.InterpolationMode.BICUBIC)

    # Recipes are judged by what they drew; a seed keeps giving the same parts.
    for seed in range(40):
        found = random_crop(picture(*size), 8, seed=seed, interpolation="bicubic")
        torch.manual_seed(seed)
        assert np.array_equal(found, theirs(picture(*size))), seed


def test_a_line_of_pixels_is_not_blown_up():
    # Its shorter side at 224 would make 15 billion pixels of it.
    with pytest.raises(DataError, match="1x300000 pixels are too narrow"):
        centre_crop(picture(1, 300_000), 224, crop=1, interpolation="bilinear")
