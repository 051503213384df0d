"""What is done at random to training images, as data: it loads no torch."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import DataError
from rexpand.ranges import MAGNITUDE, OPERATIONS, PIXELS, PROBABILITY, SHARE, WEIGHT


@dataclass(frozen=True, kw_only=True)
class RandAugment:
    """Operations drawn from 15, one after the other (arXiv 1909.13719), as timm has it.

    Each is done with a `probability`, at a magnitude in [0, 10] that is drawn around
    `magnitude` with a standard `deviation`. The defaults are timm's `rand-m9-mstd0.5`.
    """

    magnitude: Annotated[float, MAGNITUDE] = 9.0
    deviation: Annotated[float, MAGNITUDE] = 0.5
    operations: Annotated[int, OPERATIONS] = 2
    probability: Annotated[float, PROBABILITY] = 0.5

    def __post_init__(self) -> None:
        check_fields(self, DataError)


@dataclass(frozen=True, kw_only=True)
class RandomErasing:
    """A rectangle of normal noise, pixel by pixel (arXiv 1708.04896).

    With a `probability`; its area is `least` to `most` of the image's, its sides have a
    ratio of 0.3 to 1 / 0.3. The defaults are timm's `--remode pixel`.
    """

    probability: Annotated[float, PROBABILITY] = 0.2
    least: Annotated[float, SHARE] = 0.02
    most: Annotated[float, SHARE] = 1 / 3

    def __post_init__(self) -> None:
        check_fields(self, DataError)
        if self.least > self.most:
            raise DataError(f"least {self.least} of an image is above most {self.most}")


@dataclass(frozen=True, kw_only=True)
class Mixup:
    """Two images and their labels, averaged (arXiv 1710.09412).

    The share of the first is from Beta(alpha, alpha).
    """

    alpha: Annotated[float, WEIGHT] = 0.2

    def __post_init__(self) -> None:
        check_fields(self, DataError)
        if not self.alpha:
            raise DataError('alpha 0 mixes nothing; give more, or mixup = "none"')


@dataclass(frozen=True, kw_only=True)
class CutMix:
    """A rectangle of another image, and the labels by area (arXiv 1905.04899).

    1 - its share of the area is from Beta(alpha, alpha).
    """

    alpha: Annotated[float, WEIGHT] = 1.0

    def __post_init__(self) -> None:
        check_fields(self, DataError)
        if not self.alpha:
            raise DataError('alpha 0 mixes nothing; give more, or cutmix = "none"')


@dataclass(frozen=True, kw_only=True)
class Augmentation:
    """What is done at random to each training image, in this order; pixels.

    `flip` mirrors left and right with probability 1/2. `rand_augment` changes colours
    and geometry. `crop_padding` adds so many pixels of mean colour on each side and
    crops back at random; a stream of files takes a random resized crop in its place,
    before all. `cutout` is the side of a square of mean colour around a random pixel,
    clipped at the border (arXiv 1708.04552); `erasing` is a rectangle of noise. `mixup`
    and `cutmix` then mix a batch with itself; where both are given, each batch takes
    one of them at random.
    """

    crop_padding: Annotated[int, PIXELS] = 0
    flip: bool = False
    cutout: Annotated[int, PIXELS] = 0
    rand_augment: RandAugment | None = None
    erasing: RandomErasing | None = None
    mixup: Mixup | None = None
    cutmix: CutMix | None = None

    def __post_init__(self) -> None:
        check_fields(self, DataError)
