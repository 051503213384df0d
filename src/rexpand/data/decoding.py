"""One image file to one RGB image."""

import struct
import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from rexpand.errors import DataError

_SUFFIXES = (".jpg", ".jpeg", ".png")
# What PIL raises for files that are cut off, overwritten or no images; OSError is also
# its UnidentifiedImageError
_UNDECODABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
)


def decode(file: str) -> Image.Image:
    """The whole image as RGB; DataError, naming the file, if it is corrupt."""
    try:
        with Image.open(file) as image:
            return image.convert("RGB")
    except _UNDECODABLE as error:
        raise DataError(f"image '{file}' cannot be decoded ({error})") from error


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


def image_files(folder: Path) -> list[str]:
    """JPEG and PNG files anywhere in a folder, sorted; hidden ones do not count."""
    return sorted(
        str(path)
        for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES and not path.name.startswith(".")
    )
