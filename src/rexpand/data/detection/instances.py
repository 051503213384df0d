"""Annotated images as values: boxes, masks and classes of what is seen in them.

Boxes are (x_min, y_min, x_max, y_max) in pixels of the image as it is stored: x grows to
the right, y downwards, (0, 0) is the upper left corner of the first pixel.
"""

from dataclasses import dataclass

Box = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Polygons:
    """A mask as outlines, each x0, y0, x1, y1, ... in pixels; their union is the mask."""

    outlines: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunLengths:
    """A mask as COCO's run-length encoding, uncompressed.

    The lengths of the runs of pixels outside and inside in turn, the first outside;
    column by column from the left, each from its top.
    """

    height: int
    width: int
    counts: tuple[int, ...]


Mask = Polygons | RunLengths


@dataclass(frozen=True, kw_only=True, slots=True)
class Instance:
    """One object, or a crowd of many that nobody parted.

    `category` counts from 0. `area` is what the annotation says, in pixels: of the mask
    where there is one. A crowd is not trained on, and what is detected in it is no
    mistake.
    """

    category: int
    box: Box
    area: float
    is_crowd: bool = False
    mask: Mask | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AnnotatedImage:
    """An image file and what is in it: nothing in an image of background.

    `image_id` is the file's own in COCO; in other formats images are numbered from 1.
    """

    file: str
    image_id: int
    height: int
    width: int
    instances: tuple[Instance, ...] = ()
