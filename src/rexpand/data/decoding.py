"""One encoded image to one RGB image.

Grey, CMYK and palette images become RGB, and transparency is left out, as torchvision
does it. Grey of 16 bits keeps its upper 8. A file of another name's format (a WebP that is
called .jpg) is decoded as what it is.
"""

import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image

from rexpand.data.images import Images, StoredImage
from rexpand.errors import DataError, printable

# Raster formats alone: others (EPS) start a program to be decoded
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_PREFIX = 16  # bytes by which Pillow tells a format
MOST_PIXELS = 89_478_485  # Pillow's limit, 256 MB of RGB; it only warns above it
# What Pillow's readers raise for a header that is not theirs (Image.open catches these)
_OTHER_FORMAT = (SyntaxError, IndexError, TypeError, struct.error)


@dataclass(frozen=True, kw_only=True, eq=False)
class Decoded:
    """An image as RGB, and how its file stores colours.

    `mode` is Pillow's name of that: RGB, L, CMYK, P.
    """

    rgb: Image.Image
    mode: str


def decode(image: StoredImage) -> Decoded:
    """The whole image; DataError, with its name, if it is corrupt.

    It is also raised for what is no regular file, and, by the header alone, for more
    than 89 million pixels.
    """
    with _opened(image) as found:
        return Decoded(mode=found.mode, rgb=_as_rgb(found))


def size_of(image: StoredImage) -> tuple[int, int]:
    """Height and width by the header alone; raises as `decode` does."""
    with _opened(image) as found:
        return found.height, found.width


@contextmanager
def _opened(image: StoredImage) -> Iterator[Image.Image]:
    """An image by its header; whatever is raised for it becomes a DataError."""
    with image.opened() as stream:
        try:
            yield _header(stream)
        except Exception as error:  # Pillow raises anything for a stranger's bytes
            said = printable(str(error) or type(error).__name__)
            raise DataError(
                f"image '{image.name}' cannot be decoded ({said})"
            ) from error


def _header(stream: BinaryIO) -> Image.Image:
    """An image by its header, in the first format that knows it.

    Image.open would do the same, but warn of many pixels, which threads cannot catch.
    """
    Image.init()
    prefix = stream.read(_PREFIX)
    for name in _FORMATS:
        if name not in Image.OPEN:  # Pillow was built without it
            continue
        factory, accepts = Image.OPEN[name]
        stream.seek(0)
        if accepts is not None and accepts(prefix) is not True:
            continue
        with suppress(*_OTHER_FORMAT):
            image = factory(stream, "")
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(
                    f"{image.width}x{image.height} pixels are more than the "
                    f"{MOST_PIXELS:,} that are decoded"
                )
            return image
    raise ValueError("it is cut off, or no image")


def _as_rgb(image: Image.Image) -> Image.Image:
    image.load()
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I;16"):  # Pillow would cut off at 255
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if "transparency" in image.info:  # Pillow warns of another way
        image = image.convert("RGBA")
    return image.convert("RGB")


def corrupt_among(images: Images) -> tuple[int, ...]:
    """The numbers of those that do not decode; every image is decoded once."""
    # PIL decodes outside the interpreter lock, so that threads do
    with ThreadPoolExecutor() as threads:
        every = (images[number] for number in range(len(images)))
        is_corrupt = threads.map(_is_corrupt, every)
        return tuple(number for number, bad in enumerate(is_corrupt) if bad)


def _is_corrupt(image: StoredImage) -> bool:
    try:
        decode(image)
    except DataError:
        return True
    return False
