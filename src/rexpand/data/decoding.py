"""One image file to one RGB image.

Grey, CMYK and palette images become RGB, and transparency is left out, as torchvision
does it. Grey of 16 bits keeps its upper 8. A file of another name's format (a WebP that is
called .jpg) is decoded as what it is.
"""

import struct
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from rexpand.documents import opened
from rexpand.errors import DataError, printable

# Raster formats alone: others (EPS) start a program to be decoded
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_PREFIX = 16  # bytes by which Pillow tells a format
MOST_PIXELS = 89_478_485  # Pillow's limit, 256 MB of RGB; it only warns above it
# What Pillow's readers raise for a header that is not theirs (Image.open catches these)
_OTHER_FORMAT = (SyntaxError, IndexError, TypeError, struct.error)


def decode(file: str) -> Image.Image:
    """The whole image as RGB; DataError, naming the file, if it is corrupt.

    It is also raised for what is no regular file, and, by the header alone, for more
    than 89 million pixels.
    """
    with _reading(file) as image:
        return _as_rgb(image)


def stored_mode(file: str) -> str:
    """How a file stores colours, as Pillow names it: RGB, L, CMYK, P; by its header."""
    with _reading(file) as image:
        return image.mode


@contextmanager
def _reading(file: str) -> Iterator[Image.Image]:
    """The image in a file, whose pixels are not decoded yet; raises as `decode`."""
    with opened(Path(file), DataError) as (stream, _):
        try:
            yield _header(stream)
        except Exception as error:  # Pillow raises anything for a stranger's bytes
            said = printable(str(error) or type(error).__name__)
            raise DataError(f"image '{file}' cannot be decoded ({said})") from error


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


def corrupt_among(files: Iterable[str]) -> tuple[str, ...]:
    """The files that do not decode, in their order; every file is decoded once."""
    files = tuple(files)
    # PIL decodes outside the interpreter lock, so that threads do
    with ThreadPoolExecutor() as threads:
        is_corrupt = threads.map(_is_corrupt, files)
        return tuple(file for file, bad in zip(files, is_corrupt, strict=True) if bad)


def _is_corrupt(file: str) -> bool:
    try:
        decode(file)
    except DataError:
        return True
    return False
