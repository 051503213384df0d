"""Height and width of images and maps.

A resolution is what a network takes: the side of square images, as an integer, or a
`Size`. `Size.of` gives the size of either, and `Size.resolution` the resolution again.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from rexpand.errors import SpecError
from rexpand.ranges import RESOLUTION

_TEXT = re.compile(r"([0-9]{1,9})x([0-9]{1,9})")


@dataclass(frozen=True, kw_only=True)
class Size:
    """Height and width of an image or a map, in pixels."""

    height: Annotated[int, RESOLUTION]
    width: Annotated[int, RESOLUTION]

    @classmethod
    def of(cls, resolution: "Resolution") -> "Size":
        """The size that a resolution is: an integer is the side of a square."""
        if isinstance(resolution, Size):
            return resolution
        return cls(height=resolution, width=resolution)

    @classmethod
    def of_image(cls, image: tuple[int, int, int]) -> "Size":
        """The size of an image of (channels, height, width)."""
        return cls(height=image[1], width=image[2])

    @classmethod
    def parse(cls, text: str) -> "Size | None":
        """The size of HEIGHTxWIDTH; None for another text."""
        found = _TEXT.fullmatch(text)
        if not found:
            return None
        return cls(height=int(found[1]), width=int(found[2]))

    @property
    def is_square(self) -> bool:
        return self.height == self.width

    @property
    def side(self) -> int:
        """The side of a square; SpecError for another size."""
        if not self.is_square:
            raise SpecError(
                f"images of {self} pixels are not square, and only square ones do here; "
                f"give one side, such as {self.height}"
            )
        return self.height

    @property
    def resolution(self) -> "Resolution":
        """The shortest way to say it: the side, if it is a square."""
        return self.height if self.is_square else self

    @property
    def pixels(self) -> int:
        """Positions of the map."""
        return self.height * self.width

    def each(self, rule: Callable[[int], int]) -> "Size":
        """The size after a rule that acts on height and width alike."""
        if self.is_square:
            side = rule(self.height)
            return Size(height=side, width=side)
        return Size(height=rule(self.height), width=rule(self.width))

    def __str__(self) -> str:
        return f"{self.height}x{self.width}"


Resolution = int | Size


def as_typed(resolution: Resolution) -> int | str:
    """A resolution as a document has it and as a user types it: 224, or `224x160`."""
    short = Size.of(resolution).resolution
    return str(short) if isinstance(short, Size) else short
