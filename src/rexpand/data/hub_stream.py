"""Data sets of `datasets` that are read in order and never whole (`streaming=True`).

An epoch's order comes from the library's shuffle: of the files, and through a buffer, both
from the seed. The buffer holds encoded images; an epoch that goes on in its middle reads
past those that were used, and decodes none of them.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from rexpand.data.classes import check_classes
from rexpand.data.dataset import DataSet
from rexpand.data.encoded import EncodedSplit
from rexpand.data.epoch import Epoch
from rexpand.data.hub import (
    TableImage,
    check_same_classes,
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
from rexpand.data.reading import Numbered
from rexpand.data.split import Digest, Indices, Labels, check_share
from rexpand.errors import DataError

_LOOKED_AT = 64  # images that the fingerprint is of


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class SequentialSplit(EncodedSplit):
    """So many images of a stream, an IterableDataset of encoded images and labels.

    `hub` says its columns and its buffer. `places` maps a label of the stream to ours.
    """

    hub: HubName
    source: str
    stream: Any
    image: str
    label: str
    count: int
    places: Labels

    def __len__(self) -> int:
        return self.count

    @property
    def labels(self) -> Labels:
        raise DataError(_in_order_alone(self.source))

    def subset(self, indices: Indices) -> Self:
        raise DataError(_in_order_alone(self.source))

    def fair_part(self, count: int, seed: int) -> Self:
        check_share(count, self.count, leaves_some=False)
        return replace(self, stream=self.stream.take(count), count=count)

    def parted(self, count: int, seed: int) -> tuple[Self, Self]:
        check_share(count, self.count, leaves_some=True)
        rest = replace(self, stream=self.stream.skip(count), count=self.count - count)
        return rest, self.fair_part(count, seed)

    def renumbered(self, places: Labels) -> Self:
        return replace(self, places=places[self.places])

    def feed(self, digest: Digest) -> None:
        """The number of images, and size and label of the first 64."""
        digest.update(f"{self.count}\n".encode())
        for image, label in islice(self.examples(None), _LOOKED_AT):
            with image.opened() as stream:
                digest.update(b"%d %d\n" % (len(stream.read()), label))

    def examples(self, seed: int | None) -> Iterator[tuple[TableImage, int]]:
        """Each image with its label, in the order of the seed; as stored without one.

        Raises DataError for a label that is none of the classes, and where the stream
        ends before its time.
        """
        number = -1
        for number, row in enumerate(islice(self._rows(seed), self.count)):
            found = row[self.image] or {}
            path = found.get("path")
            name = f"{self.source}/{Path(path).name if path else number}"
            yield (
                TableImage(name=name, content=found.get("bytes"), path=path),
                self._place(row[self.label], name),
            )
        if number + 1 < self.count:
            raise DataError(
                f"{self.source} ended after {number + 1} images, and {self.count} were "
                "said to be there; give their number with images=N"
            )

    def _rows(self, seed: int | None) -> Iterator[Mapping[str, Any]]:
        stream = self.stream
        if seed is not None:
            # of several files at once it would read in threads, and sleep at their end
            stream = stream.shuffle(
                seed=seed % 2**32,
                buffer_size=self.hub.buffer,
                max_buffer_input_shards=1,
            )
        rows = iter(stream)
        while True:
            with wall(self.hub):
                row = next(rows, None)
            if row is None:
                return
            yield row

    def _place(self, label: Any, name: str) -> int:
        if not (isinstance(label, int) and 0 <= label < len(self.places)):
            raise DataError(
                f"image '{name}' has the label {label}, which is none of the "
                f"{len(self.places)} classes"
            )
        return int(self.places[label])

    def _run(
        self, epoch: Epoch, spans: list[slice], seed: int | None, device: torch.device
    ) -> Iterator[tuple[Tensor, Tensor]]:
        epoch = epoch.to(device)
        labels = deque[Tensor]()  # of the batches that are read ahead
        crop_seed = None if epoch.augmentation is None else seed
        read = self._read(self._numbered(spans, seed, labels), crop_seed, device)
        for span, batch in zip(spans, read, strict=True):
            yield self._fed(epoch, span, batch, device), labels.popleft().to(device)

    def _numbered(
        self, spans: list[slice], seed: int | None, labels: "deque[Tensor]"
    ) -> Iterator[list[Numbered]]:
        """The images at `spans` of the epoch; their labels are added to `labels`."""
        examples, at = self.examples(seed), 0
        for span in spans:
            deque(islice(examples, span.start - at), maxlen=0)  # read, and not decoded
            taken = [*islice(examples, span.stop - span.start)]
            at = span.stop
            labels.append(torch.tensor([label for _, label in taken]))
            yield [(span.start + each, image) for each, (image, _) in enumerate(taken)]


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


def _in_order_alone(source: str) -> str:
    return (
        f"{source} is a stream, of which images are read in order; load it without "
        "stream=true"
    )
