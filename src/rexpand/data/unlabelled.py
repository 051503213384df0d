"""Images without labels, to be named by a network: files, and folders of files."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from rexpand.data.files import is_folder, is_there, list_images
from rexpand.data.images import ImageFiles
from rexpand.data.origin import RESOLUTION
from rexpand.data.streams import StreamSplit
from rexpand.errors import DataError
from rexpand.size import Resolution
from rexpand.spec import ImageContract


def unlabelled(
    paths: Iterable[Path], contract: ImageContract, resolution: Resolution | None = None
) -> StreamSplit:
    """Image files as a network's contract says, each once, in the order of `paths`.

    A folder stands for the JPEG and PNG files anywhere in it, sorted; a file may have
    any suffix. A network of one channel gets grey images. All labels are 0.
    `resolution` is another size than the network's. Raises DataError for a path that is
    not there, and for a folder without images.
    """
    files = tuple(dict.fromkeys(file for path in paths for file in _files(path)))
    labels = np.zeros(len(files), dtype=np.int64)
    images = StreamSplit(
        images=ImageFiles(files=files), labels=labels, resolution=RESOLUTION
    )
    if contract.channels == 1:
        images = images.grey()
    if contract.origin == "unknown":
        contract = contract.at(RESOLUTION)
    return images.seen_as(contract.at(resolution))


def _files(path: Path) -> tuple[str, ...]:
    if is_folder(path):
        found = list_images(path).images
        if not found:
            raise DataError(f"'{path}' holds no image (JPEG or PNG)")
        return found
    if not is_there(path):
        raise DataError(f"there is no image or folder '{path}'")
    return (str(path),)
