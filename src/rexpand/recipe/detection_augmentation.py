"""What is done at random to training images with boxes, as data: it loads no torch.

The distributions are those of the classes of `torchvision.transforms.v2` that are named
with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.errors import DataError
from rexpand.ranges import (
    DISTORTION,
    HUE,
    PROBABILITY,
    RESOLUTION,
    SCALE,
    SHARE_OR_ALL,
    SIDES,
    TRIES,
)


@dataclass(frozen=True, kw_only=True)
class PhotometricDistortion:
    """Changes of colour, each with a `probability` (`RandomPhotometricDistort`).

    Brightness, contrast and saturation are multiplied by 1 - x to 1 + x, hue is turned
    by at most `hue` of the circle, and the channels are permuted.
    """

    probability: Annotated[float, PROBABILITY] = 0.5
    brightness: Annotated[float, DISTORTION] = 0.125
    contrast: Annotated[float, DISTORTION] = 0.5
    saturation: Annotated[float, DISTORTION] = 0.5
    hue: Annotated[float, HUE] = 0.05

    def __post_init__(self) -> None:
        check_fields(self, DataError)


@dataclass(frozen=True, kw_only=True)
class Expand:
    """The image somewhere on a canvas of mean colour (`RandomZoomOut`).

    With a `probability`; the canvas has 1 to `most` times the sides of the image.
    """

    probability: Annotated[float, PROBABILITY] = 0.5
    most: Annotated[float, SIDES] = 4.0

    def __post_init__(self) -> None:
        check_fields(self, DataError)


@dataclass(frozen=True, kw_only=True)
class IoUCrop:
    """A crop that some object overlaps enough (`RandomIoUCrop`, arXiv 1512.02325).

    Its sides are a share of `least` to `most` of the image's, in a ratio of at most
    `aspect_ratio`. The least overlap (intersection over union) is drawn from `overlaps`,
    of which 1 leaves the image whole; if none of `tries` crops has it, another is drawn.
    Objects with their centre outside of the crop are left out.
    """

    least: Annotated[float, SHARE_OR_ALL] = 0.3
    most: Annotated[float, SHARE_OR_ALL] = 1.0
    aspect_ratio: Annotated[float, SIDES] = 2.0
    overlaps: tuple[Annotated[float, PROBABILITY], ...] = (
        0.0,
        0.1,
        0.3,
        0.5,
        0.7,
        0.9,
        1.0,
    )
    tries: Annotated[int, TRIES] = 40

    def __post_init__(self) -> None:
        check_fields(self, DataError)
        if self.least > self.most:
            raise DataError(f"least {self.least} of a side is above most {self.most}")
        if not self.overlaps:
            raise DataError("overlaps is empty; give some, or leave the crop out")


@dataclass(frozen=True, kw_only=True)
class LargeScaleJitter:
    """An image scaled by much and cut or filled to a square (arXiv 2012.07177).

    It first fits into `side` x `side` pixels and is then scaled by `least` to `most`
    (`ScaleJitter`); of a larger one a square is cut at random, a smaller one is filled
    with mean colour to the right and below.
    """

    side: Annotated[int, RESOLUTION] = 1024
    least: Annotated[float, SCALE] = 0.1
    most: Annotated[float, SCALE] = 2.0

    def __post_init__(self) -> None:
        check_fields(self, DataError)
        if self.least > self.most:
            raise DataError(f"least {self.least} of a scale is above most {self.most}")


@dataclass(frozen=True, kw_only=True)
class FixedSize:
    """An image resized to `height` x `width` pixels, whatever its shape (`Resize`)."""

    height: Annotated[int, RESOLUTION]
    width: Annotated[int, RESOLUTION]
    kind: Literal["fixed_size"] = "fixed_size"

    def __post_init__(self) -> None:
        check_fields(self, DataError)


@dataclass(frozen=True, kw_only=True)
class ShorterSide:
    """An image resized in its own shape (`RandomShortestSize`); pixels.

    Its shorter side becomes one of `sides`, drawn for each image, or less, so that the
    longer side is at most `longest`.
    """

    sides: tuple[Annotated[int, RESOLUTION], ...] = tuple(range(480, 801, 32))
    longest: Annotated[int, RESOLUTION] = 1333
    kind: Literal["shorter_side"] = "shorter_side"

    def __post_init__(self) -> None:
        check_fields(self, DataError)
        if not self.sides:
            raise DataError("sides is empty; give a shorter side in pixels")


@dataclass(frozen=True, kw_only=True)
class DetectionAugmentation:
    """What is done at random to each training image and its objects, in this order.

    `flip` mirrors left and right with probability 1/2. `jitter` gives the size itself:
    it goes with `photometric` and `flip` alone. An object that becomes smaller than a
    pixel, or whose mask becomes empty, is left out.
    """

    photometric: PhotometricDistortion | None = None
    expand: Expand | None = None
    crop: IoUCrop | None = None
    flip: bool = False
    jitter: LargeScaleJitter | None = None
    resize: FixedSize | ShorterSide | None = None

    def __post_init__(self) -> None:
        check_fields(self, DataError)
        others = {"expand": self.expand, "crop": self.crop, "resize": self.resize}
        for name, other in others.items():
            if self.jitter and other:
                raise DataError(
                    f"jitter and {name} both say what part of an image is seen and how "
                    "large; give one of them"
                )


# As the presets of torchvision's references for detection have these names.
DETECTION_AUGMENTATIONS: Mapping[str, DetectionAugmentation] = MappingProxyType(
    {
        "flip": DetectionAugmentation(flip=True),
        "multiscale": DetectionAugmentation(flip=True, resize=ShorterSide()),
        "lsj": DetectionAugmentation(flip=True, jitter=LargeScaleJitter()),
        "ssd": DetectionAugmentation(
            photometric=PhotometricDistortion(),
            expand=Expand(),
            crop=IoUCrop(),
            flip=True,
        ),
        "ssdlite": DetectionAugmentation(crop=IoUCrop(), flip=True),
    }
)
