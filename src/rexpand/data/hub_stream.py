"""Data sets of `datasets` that are read in order and never whole (`streaming=True`)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rexpand.data.classes import check_classes, check_same_classes
from rexpand.data.dataset import DataSet
from rexpand.data.hub_library import (
    class_names_of,
    columns_of,
    encoded,
    load_tables,
    test_splits,
    train_split,
    wall,
)
from rexpand.data.hub_name import HubName
from rexpand.data.origin import AUGMENTATION
from rexpand.data.sequential import SequentialSplit
from rexpand.errors import DataError


def stream_data_set(hub: HubName, root: Path, *, resolution: int) -> DataSet:
    """The data set of a stream; nothing but its description is read now.

    Raises DataError for columns that are not found, for training images whose number
    nothing says, and for classes without names.
    """
    streams = load_tables(hub, root)
    train_name, test_name = train_split(hub, streams), test_splits(hub, streams)[0]
    names = _class_names(hub, streams[train_name], train_name)
    check_classes(f"hf:{hub.place}", names)
    tested = _class_names(hub, streams[test_name], test_name)
    check_same_classes(f"hf:{hub.place} {test_name}", tested, names)
    train = _training(hub, streams[train_name], train_name)
    test = _tests(hub, streams[test_name], test_name)
    return DataSet(
        name=hub.name,
        train=_split(hub, train, resolution),
        test=_split(hub, test, resolution),
        class_names=names,
        resolution=resolution,
        in_channels=3,
        default_augmentation=AUGMENTATION,
    )


@dataclass(frozen=True, kw_only=True)
class _Counted:
    """A split's stream and its number of images."""

    name: str
    stream: Any
    count: int


def _training(hub: HubName, found: Any, name: str) -> _Counted:
    """The training images, whose number the data set says, or the user."""
    stream, stated = _stream(found, name)
    count = hub.images or stated
    if count is None:
        raise DataError(
            f"hf:{hub.place} does not say how many images {name} has; give their "
            "number with images=N"
        )
    return _Counted(name=name, stream=stream, count=count)


def _tests(hub: HubName, found: Any, name: str) -> _Counted:
    """The test images; where nothing says their number, a pass over them counts them."""
    stream, count = _stream(found, name)
    if count is None:
        image, _ = columns_of(hub, stream.features)
        with wall(hub):
            count = sum(1 for _ in encoded(stream, image))
    return _Counted(name=name, stream=stream, count=count)


def _stream(found: Any, name: str) -> tuple[Any, int | None]:
    """A split as a stream, and its number of images, None where it does not say it."""
    from datasets import Dataset

    if isinstance(found, Dataset):  # saved as a table
        return found.to_iterable_dataset(), len(found)
    stated = (found.info.splits or {}).get(name)
    return found, stated.num_examples if stated is not None else None


def _split(hub: HubName, counted: _Counted, resolution: int) -> SequentialSplit:
    name, stream = counted.name, counted.stream
    if counted.count < 1:
        raise DataError(f"hf:{hub.place} {name} has no image")
    image, label = columns_of(hub, stream.features)
    return SequentialSplit(
        hub=hub,
        source=f"{hub.name}/{name}",
        stream=encoded(stream.select_columns([image, label]), image),
        image=image,
        label=label,
        count=counted.count,
        places=np.arange(len(_class_names(hub, stream, name))),
        resolution=resolution,
    )


def _class_names(hub: HubName, stream: Any, split: str) -> tuple[str, ...]:
    _, label = columns_of(hub, stream.features)
    names = class_names_of(stream.features[label])
    if names is None:
        raise DataError(
            f"hf:{hub.place} {split}: column {label} does not name its classes, and a "
            "stream is not read to count them; choose a ClassLabel with label=NAME"
        )
    return names
