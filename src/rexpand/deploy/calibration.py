"""The images that a network is quantised by: as the graph takes them, of many classes."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rexpand.errors import DataError

Array = npt.NDArray[Any]
_ENOUGH = "100 to 500 images like those that the network will see"


def calibration_batches(images: Array | Iterable[Array]) -> tuple[Array, ...]:
    """Batches of images as the graph takes them, all of one size.

    Raises DataError if there are none, or where one is not a number.
    """
    batches = (images,) if isinstance(images, np.ndarray) else tuple(images)
    batches = tuple(each for each in batches if len(each))
    if not batches:
        raise DataError(f"there are no calibration images; give {_ENOUGH}")
    shapes = {each.shape[1:] for each in batches}
    if len(shapes) > 1 or any(each.ndim != 4 for each in batches):
        raise DataError(
            f"calibration images have shapes {', '.join(map(str, sorted(shapes)))}; "
            "give batches of images of one size"
        )
    if not all(np.isfinite(each).all() for each in batches):
        raise DataError(
            "a calibration image holds values that are no numbers; give images as the "
            "network takes them"
        )
    return batches


def check_calibration_classes(labels: Sequence[int] | Array) -> None:
    """Refuse calibration images that are missing, or all of one class: DataError.

    The ranges of one class are not those of the others.
    """
    found = np.unique(np.asarray(labels))
    if not found.size:
        raise DataError(f"there are no calibration images; give {_ENOUGH}")
    if found.size == 1:
        raise DataError(
            f"all {len(labels)} calibration images are of class {found[0]}, and the "
            f"ranges of one class are not those of the others; give {_ENOUGH}"
        )
