"""A split of encoded images that can be read in any order, decoded while it is used."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from rexpand.data.decoding import corrupt_among
from rexpand.data.encoded import EncodedSplit
from rexpand.data.epoch import Epoch, batch_spans, check_batch
from rexpand.data.images import Images
from rexpand.data.part import WHOLE
from rexpand.data.reading import Wanted
from rexpand.data.split import (
    Digest,
    Indices,
    Labels,
    checked_indices,
    parted_rows,
    stratified,
)
from rexpand.errors import DataError


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """A batch: float32 (images, channels, height, width) of what decodes.

    `names` and `problems` have a text per image; a problem is empty for one that decodes.
    """

    names: tuple[str, ...]
    pixels: Tensor
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StreamSplit(EncodedSplit):
    """Encoded images with labels, each opened when its turn comes."""

    images: Images
    labels: Labels

    def __len__(self) -> int:
        return len(self.images)

    def subset(self, indices: Indices) -> Self:
        picked = checked_indices(indices, len(self))
        return replace(
            self, images=self.images.picked(picked), labels=self.labels[picked]
        )

    def fair_part(self, count: int, seed: int) -> Self:
        return self.subset(stratified(self.labels, count, seed))

    def parted(self, count: int, seed: int) -> tuple[Self, Self]:
        rest, part = parted_rows(self.labels, count, seed)
        return self.subset(rest), self.subset(part)

    def feed(self, digest: Digest) -> None:
        """Name and size of each image, and the labels."""
        self.images.feed(digest)
        digest.update(self.labels.tobytes())

    def renumbered(self, places: Labels) -> Self:
        return replace(self, labels=places[self.labels])

    def read(self, *, batch_size: int, device: torch.device) -> Iterator[Read]:
        """The images in order, fed as `batches` feeds them; problems do not raise."""
        check_batch(len(self), batch_size, self.contract)
        spans = batch_spans(len(self), batch_size, False, WHOLE)
        rows = [[*range(len(self))[span]] for span in spans]
        wanted = (self._wanted_rows(row, 0) for row in rows)
        read = self._crops(None).batches(wanted, self.threads, device)
        for row, batch in zip(rows, read, strict=True):
            images = batch.images.to(device, non_blocking=True)
            yield Read(
                names=tuple(self.images[index].name for index in row),
                pixels=self.normalisation.apply(images).permute(0, 3, 1, 2),
                problems=batch.problems,
            )

    def _wanted(
        self, epoch: Epoch, spans: list[slice], seed: int | None
    ) -> Iterator[tuple[list[Wanted], Tensor]]:
        order = epoch.order.numpy()
        for span in spans:
            row = order[span]
            labels = torch.from_numpy(self.labels[row])
            yield self._wanted_rows(row.tolist(), span.start), labels

    def _wanted_rows(self, rows: list[int], first: int) -> list[Wanted]:
        return [
            Wanted(image=self.images[row], number=row, place=place)
            for place, row in enumerate(rows, start=first)
        ]


def without_corrupt(split: StreamSplit) -> tuple[StreamSplit, tuple[str, ...]]:
    """The images that decode, and the names of the others; every one is decoded once.

    Raises DataError if none is left.
    """
    corrupt = corrupt_among(split.images)
    if not corrupt:
        return split, ()
    first = split.images[corrupt[0]].name
    if len(corrupt) == len(split):
        raise DataError(
            f"all {len(split)} images are corrupt, '{first}' the first; "
            "copy the data set again"
        )
    kept = np.setdiff1d(np.arange(len(split)), corrupt)
    return split.subset(kept), tuple(split.images[row].name for row in corrupt)
