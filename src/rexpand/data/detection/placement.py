"""Where a part of an image comes to lie in another of its own size.

Expand, crop, jitter and resize together are one such placement, so that an image is
resampled once, whatever was drawn, and a canvas larger than the result is never made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rexpand.data.detection.instances import Box, Mask, Polygons
from rexpand.data.detection.masks import mask_pixels

# Where there is no image: the mean colour of ImageNet, as torchvision's references say
_FILL = (123, 117, 104)


@dataclass(frozen=True, kw_only=True)
class Placement:
    """`source` of an image, in its pixels, becomes `target` of `width` x `height`.

    `target` is a box of whole pixels. All of it is mirrored at last if `is_flipped`.
    """

    source: Box
    target: tuple[int, int, int, int]
    height: int
    width: int
    is_flipped: bool = False

    @property
    def scale(self) -> tuple[float, float]:
        """By how much x and y grow."""
        (left, top, right, bottom), (x_min, y_min, x_max, y_max) = (
            self.source,
            self.target,
        )
        return (x_max - x_min) / (right - left), (y_max - y_min) / (bottom - top)

    def boxes(self, boxes: Sequence[Box]) -> NDArray[np.float64]:
        """Where boxes come to lie, (objects, 4), also outside of the result."""
        corners = self._points(np.array(boxes, np.float64).reshape(-1, 2, 2))
        if self.is_flipped:
            corners[:, :, 0] = corners[:, ::-1, 0]
        return corners.reshape(-1, 4)

    def picture(self, part: Image.Image) -> Image.Image:
        """The result, of what `cut_out` gave."""
        x_min, y_min, x_max, y_max = self.target
        if (x_max - x_min, y_max - y_min) == (self.width, self.height):
            return part
        canvas = Image.new("RGB", (self.width, self.height), _FILL)
        canvas.paste(part, (self.width - x_max if self.is_flipped else x_min, y_min))
        return canvas

    def cut_out(
        self,
        image: Image.Image,
        resampling: Image.Resampling = Image.Resampling.BILINEAR,
    ) -> Image.Image:
        """The part of an image that is seen, in its new size."""
        x_min, y_min, x_max, y_max = self.target
        size = (x_max - x_min, y_max - y_min)
        left, top, right, bottom = self.source
        whole = (floor(left), floor(top), ceil(right), ceil(bottom))
        box = (left - whole[0], top - whole[1], right - whole[0], bottom - whole[1])
        # What is cut off lends no colour to the edge
        part = image.crop(whole).resize(size, resampling, box=box)
        if self.is_flipped:
            return part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return part

    def mask(self, mask: Mask, height: int, width: int) -> NDArray[np.uint8]:
        """A mask of an image of `height` x `width`, as (self.height, self.width).

        Outlines are moved and then rasterised; pixels are resampled.
        """
        if isinstance(mask, Polygons):
            moved = (self._moved(outline) for outline in mask.outlines)
            return mask_pixels(Polygons(outlines=tuple(moved)), self.height, self.width)
        whole = Image.fromarray(mask_pixels(mask, height, width))
        part = np.asarray(self.cut_out(whole, Image.Resampling.NEAREST))
        x_min, y_min, x_max, y_max = self.target
        if self.is_flipped:
            x_min, x_max = self.width - x_max, self.width - x_min
        result = np.zeros((self.height, self.width), np.uint8)
        result[y_min:y_max, x_min:x_max] = part
        return result

    def _moved(self, outline: tuple[float, ...]) -> tuple[float, ...]:
        points = np.array(outline).reshape(-1, 2)
        return tuple(self._points(points).flatten().tolist())

    def _points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points (..., 2), x and y."""
        moved = (points - self.source[:2]) * self.scale + self.target[:2]
        if self.is_flipped:
            moved[..., 0] = self.width - moved[..., 0]
        return moved
