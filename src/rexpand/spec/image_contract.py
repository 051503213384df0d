"""The images that a network was trained for: the contract that its weights carry."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.documents import from_text, naming
from rexpand.errors import SpecError
from rexpand.ranges import CLASS_NAME, IN_CHANNELS, RESOLUTION
from rexpand.size import Resolution, Size

Interpolation = Literal["nearest", "bilinear", "bicubic", "lanczos"]
Padding = Literal["plain", "tensorflow_same"]
Origin = Literal[
    "checkpoint", "timm", "torchvision", "tensorflow", "data", "spec", "unknown"
]
Image = tuple[int, int, int]  # channels, height, width

_LARGEST_CROP = 2.0  # timm's VOLO at 448 pixels has 1.15


@dataclass(frozen=True, kw_only=True)
class ImageContract:
    """The images that a network takes, and the origin of that knowledge.

    `mean` and `std` are per channel, on the scale where a byte of 255 is 1; None where
    they are unknown. The shorter side is resized to `height / crop` by `interpolation`,
    and the centre is cropped; with a `crop` above 1 a border of zeros is added. With
    the padding "tensorflow_same" strided convolutions pad as TensorFlow does, depending
    on the size of the map; with "plain" they pad both sides equally. `class_names` are
    those of the outputs in their order, where known. A spec gives only the size; with
    the origin "unknown" the size is a guess too.
    """

    channels: Annotated[int, IN_CHANNELS]
    height: Annotated[int, RESOLUTION]
    width: Annotated[int, RESOLUTION]
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    interpolation: Interpolation = "bilinear"
    crop: float = 1.0
    padding: Padding = "plain"
    class_names: tuple[Annotated[str, CLASS_NAME], ...] = ()
    origin: Origin = "unknown"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        if not 0 < self.crop <= _LARGEST_CROP:
            raise SpecError(
                f"crop {self.crop} of an image is outside (0, {_LARGEST_CROP}]"
            )
        for name, values in (("mean", self.mean), ("std", self.std)):
            if values is not None and len(values) != self.channels:
                raise SpecError(
                    f"{name} has {len(values)} values for images of {self.channels} "
                    "channels; give one per channel"
                )
        if (self.mean is None) != (self.std is None):
            raise SpecError("mean and std of images go together; give both or neither")

    @property
    def image(self) -> Image:
        """Channels, height and width of one image."""
        return self.channels, self.height, self.width

    @property
    def is_known(self) -> bool:
        """Whether mean and std are known."""
        return self.mean is not None

    @property
    def resolution(self) -> Resolution:
        """Height and width of one image; the side, if it is square."""
        return Size(height=self.height, width=self.width).resolution

    def at(self, resolution: Resolution | None) -> "ImageContract":
        """The same for images of another size; unchanged for None."""
        if resolution is None:
            return self
        size = Size.of(resolution)
        return replace(self, height=size.height, width=size.width)

    def fed_by(self, data: "ImageContract") -> "ImageContract":
        """The contract as fed: the images as `data` gives them, with this padding.

        Where the network's own contract is not known, the origin is that of `data`.
        """
        origin = self.origin if self.is_known else data.origin
        return replace(data, padding=self.padding, origin=origin)

    def without_names(self) -> "ImageContract":
        """The same without the names of the classes, for a record."""
        return replace(self, class_names=())

    def __str__(self) -> str:
        """One line for people: size, crop, normalisation, padding and origin."""
        size = f"{self.height}"
        if self.width != self.height:
            size = f"{self.height}x{self.width}"
        if self.mean is None or self.std is None:
            return f"{self.channels} x {size} pixels, mean and std unknown"
        parts = [f"{self.channels} x {size} pixels"]
        if self.crop != 1:
            parts.append(f"crop {self.crop:.3g}")
        parts += [
            self.interpolation,
            f"mean {_row(self.mean)}",
            f"std {_row(self.std)}",
        ]
        if self.padding == "tensorflow_same":
            parts.append("TensorFlow's padding")
        return f"{', '.join(parts)} (from: {self.origin})"


def contract_from_json(text: str, origin: str) -> ImageContract:
    """Read a contract back; raises SpecError, naming `origin`, for other text."""
    with naming(f"image contract of {origin}", SpecError):
        return from_text(ImageContract, text)


def _row(values: tuple[float, ...]) -> str:
    return " ".join(f"{value:.4g}" for value in values)
