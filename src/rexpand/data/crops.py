"""A square out of an image: its centre, or one drawn at random.

The pixels and the draws are those of torchvision's CenterCrop and RandomResizedCrop,
whose import takes 0.2 GB and a second in every process.
"""

import math
from dataclasses import dataclass

import torch
from PIL import Image

from rexpand.data.decoding import MOST_PIXELS
from rexpand.errors import DataError
from rexpand.spec import Interpolation

# Share of the area and ratio of the sides (arXiv 1409.4842); tries before the centre
_SCALE, _RATIO, _TRIES = (0.08, 1.0), (3 / 4, 4 / 3), 10
_LOG_RATIO = tuple(torch.log(torch.tensor(_RATIO)).tolist())


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle of an image, in pixels from its upper left corner."""

    left: int
    top: int
    width: int
    height: int

    def cut(self, image: Image.Image) -> Image.Image:
        """The part of an image in the box; black where the box is outside it."""
        right, bottom = self.left + self.width, self.top + self.height
        return image.crop((self.left, self.top, right, bottom))


def centre_crop(
    image: Image.Image, side: int, *, crop: float, interpolation: Interpolation
) -> Image.Image:
    """The shorter side resized to `side` / `crop`, and the centre cut out.

    A `crop` above 1 gives a black border. Raises DataError for an image so narrow that
    it would become larger than any that is decoded.
    """
    short, long = sorted(image.size)
    resized = round(side / crop)
    other = int(resized * long / short)
    if resized * other > MOST_PIXELS:
        raise DataError(
            f"{image.width}x{image.height} pixels are too narrow for a side of {side}"
        )
    is_tall = image.width <= image.height
    size = (resized, other) if is_tall else (other, resized)
    image = _resized(image, size, interpolation)
    box = Box(
        left=_margin(image.width, side),
        top=_margin(image.height, side),
        width=side,
        height=side,
    )
    return box.cut(image)


def random_crop(
    image: Image.Image, side: int, *, seed: int, interpolation: Interpolation
) -> Image.Image:
    """A random part of the image, resized; a function of the seed."""
    generator = torch.Generator().manual_seed(seed)
    box = _random_box(image.width, image.height, generator)
    return _resized(box.cut(image), (side, side), interpolation)


def _random_box(width: int, height: int, generator: torch.Generator) -> Box:
    low, high = _LOG_RATIO
    for _ in range(_TRIES):
        area = width * height * _drawn(*_SCALE, generator)
        ratio = float(torch.exp(torch.tensor(_drawn(low, high, generator))))
        box_width = round(math.sqrt(area * ratio))
        box_height = round(math.sqrt(area / ratio))
        if 0 < box_width <= width and 0 < box_height <= height:
            top = int(torch.randint(height - box_height + 1, (), generator=generator))
            left = int(torch.randint(width - box_width + 1, (), generator=generator))
            return Box(left=left, top=top, width=box_width, height=box_height)
    box_width = min(width, round(height * _RATIO[1]))
    box_height = min(height, round(width / _RATIO[0]))
    return Box(
        left=(width - box_width) // 2,
        top=(height - box_height) // 2,
        width=box_width,
        height=box_height,
    )


def _drawn(low: float, high: float, generator: torch.Generator) -> float:
    return float(torch.empty(1).uniform_(low, high, generator=generator))


def _margin(side: int, wanted: int) -> int:
    """Where a centred cut begins; below 0 where the side is the smaller one."""
    if wanted > side:
        return -((wanted - side) // 2)
    return round((side - wanted) / 2)


def _resized(
    image: Image.Image, size: tuple[int, int], interpolation: Interpolation
) -> Image.Image:
    if image.size == size:
        return image
    return image.resize(size, Image.Resampling[interpolation.upper()])
