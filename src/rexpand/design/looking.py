"""The data set as a design sees it, and whether a design can be made of it."""

from pathlib import Path

import numpy as np

from rexpand.data.catalogue import search_recipe_for
from rexpand.data.dataset import DataSet
from rexpand.data.decoding import size_of
from rexpand.data.load import load
from rexpand.data.streams import StreamSplit
from rexpand.errors import DataError
from rexpand.records.design import DataLook
from rexpand.search.design import holding_out

_LOOKED_AT = 256  # headers of image files, evenly spread
_LEAST_OF_A_CLASS = 5  # training images: fewer cannot be learned and judged both
_LEAST_HELD_OUT = 20  # one of fewer images is worth more than 5 points
_MOST_OF_ONE = 0.9  # share of the largest class: guessing it would look like learning


def look(name: str, root: str | Path | None) -> DataLook:
    """Look at the images and labels of a data set; no image is decoded.

    Raises DataError for one that is too small or too unbalanced, and as `load` does.
    """
    data = load(name, root=root)
    counts = np.bincount(data.train.labels, minlength=data.num_classes)
    least, most = int(counts.argmin()), int(counts.argmax())
    sides = _sides(data)
    held_out = holding_out(search_recipe_for(name, root), data).validation
    found = DataLook(
        name=data.name,
        has_files=isinstance(data.train, StreamSplit),
        classes=data.num_classes,
        channels=data.in_channels,
        train_images=len(data.train),
        test_images=len(data.test),
        held_out=held_out,
        least=data.class_names[least],
        least_images=int(counts[least]),
        most=data.class_names[most],
        most_images=int(counts[most]),
        side=int(np.median(sides)),
        least_side=int(sides.min()),
        most_side=int(sides.max()),
    )
    _check_size(found)
    _check_balance(found)
    return found


def _sides(data: DataSet) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Shorter sides of images, pixels."""
    split = data.train
    if not isinstance(split, StreamSplit):
        return np.array([split.stored_side or data.resolution])
    step = max(len(split) // _LOOKED_AT, 1)
    rows = range(0, len(split), step)
    return np.array([min(size_of(split.images[row])) for row in rows])


def _check_size(found: DataLook) -> None:
    if found.least_images < _LEAST_OF_A_CLASS:
        raise DataError(
            f"class '{found.least}' of {found.name} has {found.least_images} training "
            f"images; a design needs {_LEAST_OF_A_CLASS} of each class: collect more, "
            "leave the class out, or fine-tune a trained network (`rexpand finetune`)"
        )
    judged = min(found.held_out, found.test_images)
    if judged < _LEAST_HELD_OUT:
        what = "held-out" if judged == found.held_out else "test"
        raise DataError(
            f"{found.name} has {judged} {what} images, of which one is "
            f"{100 / judged:.0f} % of accuracy: networks cannot be told apart, however "
            f"many the hours; collect more (a tenth of the training images is held out), "
            "or fine-tune a trained network (`rexpand finetune`)"
        )


def _check_balance(found: DataLook) -> None:
    share = found.most_images / found.train_images
    if share > _MOST_OF_ONE:
        raise DataError(
            f"{100 * share:.0f} % of the training images of {found.name} are of class "
            f"'{found.most}', so that a network which always answers it looks good; take "
            "fewer of that class, or collect more of the others"
        )
