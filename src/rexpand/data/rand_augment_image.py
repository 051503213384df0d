"""RandAugment image by image, in Pillow: on CPUs it is faster than on large batches.

The results are timm's to the bit, but for `posterize`, which leaves a bit at least, and
those of `rand_augment` within the rounding of a byte.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import torch
from PIL import Image, ImageEnhance, ImageOps
from torch import Tensor

from rexpand.data.operations import (
    ADDED,
    ADDED_BELOW,
    BELOW,
    BITS,
    BLEND,
    DEGREES,
    LEAST_BLEND,
    MOST,
    OPERATIONS,
    SHEAR,
    SHIFT,
)

Fill = tuple[int, ...]  # a byte for each channel, of what is outside of an image


def rand_augmented_image(
    image: Image.Image,
    operations: Sequence[int],
    magnitudes: Sequence[float],
    fill: Fill,
) -> Image.Image:
    """A grey or RGB image after its operations, -1 for none, of signed magnitudes."""
    for number, magnitude in zip(operations, magnitudes, strict=True):
        if number >= 0:
            image = _ACTS[OPERATIONS[number]](image, magnitude / MOST, fill)
    return image


def rand_augmented_each(
    images: Tensor, operations: Tensor, magnitudes: Tensor, fill: Fill
) -> Tensor:
    """Map uint8 (batch, height, width, 1 or 3) on the CPU to such images.

    `operations` and `magnitudes` are (batch, operations).
    """
    changed = torch.empty_like(images)
    rows = zip(
        images.numpy(), operations.tolist(), magnitudes.tolist(), changed, strict=True
    )
    for image, chosen, signed, place in rows:
        pillows = Image.fromarray(image[..., 0] if len(fill) == 1 else image)
        found = rand_augmented_image(pillows, chosen, signed, fill)
        place.copy_(torch.from_numpy(np.array(found)).view(place.shape))
    return changed


def _posterize(image: Image.Image, level: float, _: Fill) -> Image.Image:
    return ImageOps.posterize(image, max(1, int(BITS * abs(level))))


def _solarize(image: Image.Image, level: float, _: Fill) -> Image.Image:
    return ImageOps.solarize(image, int(BELOW * abs(level)))


def _solarize_add(image: Image.Image, level: float, _: Fill) -> Image.Image:
    added = int(ADDED * abs(level))
    brighter = [min(255, byte + added) for byte in range(ADDED_BELOW)]
    table = [*brighter, *range(ADDED_BELOW, 256)]
    return image.point(table * len(image.getbands()))


def _blend(
    enhance: Callable[[Image.Image], ImageEnhance._Enhance],
    image: Image.Image,
    level: float,
    _: Fill,
) -> Image.Image:
    return enhance(image).enhance(BLEND * abs(level) + LEAST_BLEND)


def _rotate(image: Image.Image, level: float, fill: Fill) -> Image.Image:
    return image.rotate(
        DEGREES * level, Image.Resampling.BILINEAR, fillcolor=_colour(fill)
    )


def _moved(
    place: Callable[[float, int], tuple[float, ...]],
    image: Image.Image,
    level: float,
    fill: Fill,
) -> Image.Image:
    """Each pixel from the place (a x + b y + c, d x + e y + f), bilinear."""
    return image.transform(
        image.size,
        Image.Transform.AFFINE,
        place(level, image.width),
        Image.Resampling.BILINEAR,
        fillcolor=_colour(fill),
    )


def _colour(fill: Fill) -> int | Fill:
    return fill if len(fill) > 1 else fill[0]


_Act = Callable[[Image.Image, float, Fill], Image.Image]
_ACTS: Mapping[str, _Act] = {
    "auto_contrast": lambda image, _, __: ImageOps.autocontrast(image),
    "equalize": lambda image, _, __: ImageOps.equalize(image),
    "invert": lambda image, _, __: ImageOps.invert(image),
    "posterize": _posterize,
    "solarize": _solarize,
    "solarize_add": _solarize_add,
    "contrast": partial(_blend, ImageEnhance.Contrast),
    "brightness": partial(_blend, ImageEnhance.Brightness),
    "colour": partial(_blend, ImageEnhance.Color),
    "sharpness": partial(_blend, ImageEnhance.Sharpness),
    "rotate": _rotate,
    "shear_x": partial(_moved, lambda level, _: (1, SHEAR * level, 0, 0, 1, 0)),
    "shear_y": partial(_moved, lambda level, _: (1, 0, 0, SHEAR * level, 1, 0)),
    "translate_x": partial(
        _moved, lambda level, side: (1, 0, SHIFT * level * side, 0, 1, 0)
    ),
    "translate_y": partial(
        _moved, lambda level, side: (1, 0, 0, 0, 1, SHIFT * level * side)
    ),
}
