"""What is done at random to training images, as data: it loads no torch."""

from dataclasses import dataclass

from rexpand.errors import DataError


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """What is done at random to each training image, in this order; pixels.

    `flip` mirrors left and right with probability 1/2. `crop_padding` adds so many
    pixels of mean colour on each side and crops back at random; a stream of files
    takes a random resized crop in its place. `cutout` is the side of a square of mean
    colour around a random pixel, clipped at the border (arXiv 1708.04552).
    """

    crop_padding: int = 0
    flip: bool = False
    cutout: int = 0

    def __post_init__(self) -> None:
        for name in ("crop_padding", "cutout"):
            value = getattr(self, name)
            if value < 0:
                raise DataError(f"{name} {value} is negative; use 0 for none")
