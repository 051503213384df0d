"""The digits of scikit-learn: 1,797 real 8x8 grey images, 10 classes, no download.

They are the test part of UCI's optdigits. scikit-learn has no split; ours sorts the
images by class, keeping their order within it, and tests on the first and every fifth
after it: 1,437 train and 360 test images, no random number involved.
"""

from typing import TYPE_CHECKING

from rexpand.data.entry import DataSetInfo, Entry, Request

if TYPE_CHECKING:
    from rexpand.data.arrays import Arrays
    from rexpand.data.dataset import DataSet

_HIGHEST = 16  # scikit-learn's images count the inked pixels of 4x4 cells


def read_digits() -> "Arrays":
    """Images scaled from 0..16 to 0..255."""
    # scikit-learn takes a second to import, and only this data set needs it
    import numpy as np
    from sklearn.datasets import load_digits

    from rexpand.data.arrays import Arrays

    found = load_digits()
    labels = found.target.astype(np.int64)
    images = np.rint(found.images[..., None] * (255 / _HIGHEST)).astype(np.uint8)
    test = np.argsort(labels, kind="stable")[::5]
    is_test = np.zeros(len(labels), dtype=bool)
    is_test[test] = True
    return Arrays(
        source="digits",
        train_images=images[~is_test],
        train_labels=labels[~is_test],
        test_images=images[is_test],
        test_labels=labels[is_test],
        class_names=tuple(str(name) for name in found.target_names),
    )


def _load(request: Request) -> "DataSet":
    from rexpand.data.arrays import data_set

    return data_set("digits", read_digits(), resolution=request.resolution)


DIGITS = Entry(
    info=DataSetInfo(
        name="digits",
        images=1_797,
        classes=10,
        resolution=8,
        source="UCI optdigits test set, CC BY 4.0, inside scikit-learn",
        layout="none: no file, no download",
        recipe="digits",
        search_recipe="digits",
    ),
    load=_load,
)
