"""Photometric distortion of an image: what is drawn, and how it is done.

In the order of torchvision's `RandomPhotometricDistort`, by its functions.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image
from torchvision.transforms.v2 import functional

from rexpand.recipe import PhotometricDistortion


@dataclass(frozen=True, kw_only=True)
class Distortion:
    """Factors of colours, None for those that stay; the order of the channels."""

    brightness: float | None
    contrast: float | None
    saturation: float | None
    hue: float | None
    is_contrast_first: bool
    channels: tuple[int, ...] | None


def drawn(ranges: PhotometricDistortion, generator: np.random.Generator) -> Distortion:
    """Draw for an image."""

    def some(low: float, high: float) -> float | None:
        is_asked = generator.random() < ranges.probability
        return float(generator.uniform(low, high)) if is_asked else None

    return Distortion(
        brightness=some(1 - ranges.brightness, 1 + ranges.brightness),
        contrast=some(1 - ranges.contrast, 1 + ranges.contrast),
        saturation=some(1 - ranges.saturation, 1 + ranges.saturation),
        hue=some(-ranges.hue, ranges.hue),
        is_contrast_first=bool(generator.random() < 0.5),
        channels=(
            tuple(generator.permutation(3).tolist())
            if generator.random() < ranges.probability
            else None
        ),
    )


def distorted(image: Image.Image, distortion: Distortion) -> Image.Image:
    """An RGB image with its colours changed."""
    d = distortion
    if d.brightness is not None:
        image = functional.adjust_brightness(image, d.brightness)
    if d.contrast is not None and d.is_contrast_first:
        image = functional.adjust_contrast(image, d.contrast)
    if d.saturation is not None:
        image = functional.adjust_saturation(image, d.saturation)
    if d.hue is not None:
        image = functional.adjust_hue(image, d.hue)
    if d.contrast is not None and not d.is_contrast_first:
        image = functional.adjust_contrast(image, d.contrast)
    if d.channels is not None:
        bands = image.split()
        image = Image.merge("RGB", [bands[channel] for channel in d.channels])
    return image
