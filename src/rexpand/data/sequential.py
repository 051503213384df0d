"""A split that is read in order and never whole: images of a stream of `datasets`.

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

import torch
from torch import Tensor

from rexpand.data.encoded import EncodedSplit
from rexpand.data.epoch import Epoch
from rexpand.data.hub_library import wall
from rexpand.data.hub_name import HubName
from rexpand.data.hub_tables import TableImage
from rexpand.data.reading import Wanted
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

    def _wanted(
        self, epoch: Epoch, spans: list[slice], seed: int | None
    ) -> Iterator[tuple[list[Wanted], Tensor]]:
        examples, at = self.examples(seed), 0
        for span in spans:
            deque(islice(examples, span.start - at), maxlen=0)  # read, and not decoded
            taken = [*islice(examples, span.stop - span.start)]
            at = span.stop
            wanted = [
                Wanted(image=image, number=place, place=place)
                for place, (image, _) in enumerate(taken, start=span.start)
            ]
            yield wanted, torch.tensor([label for _, label in taken])


def _in_order_alone(source: str) -> str:
    return (
        f"{source} is a stream, of which images are read in order; load it without "
        "stream=true"
    )
