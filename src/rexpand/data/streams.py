"""A split of encoded images, decoded while it is used.

Its threads only decode and crop (`rexpand.data.reading`): flip, cutout and normalisation
are done to the whole batch on the device, by the code that tensors use.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import torch
from torch import Tensor

from rexpand.data.decoding import corrupt_among
from rexpand.data.epoch import Epoch, batch_spans, check_batch, plan_epoch
from rexpand.data.images import Images
from rexpand.data.normalisation import (
    IMAGENET,
    IMAGENET_GREY,
    Normalisation,
    normalisation_of,
)
from rexpand.data.part import WHOLE, Part
from rexpand.data.reading import Batch, Crops, thread_count
from rexpand.data.split import (
    Digest,
    Indices,
    Labels,
    checked_indices,
    checked_side,
)
from rexpand.errors import DataError
from rexpand.recipe import Augmentation
from rexpand.spec import ImageContract, Interpolation

# Centre crop of 224 from 256, the evaluation of torchvision's and timm's recipes
CROP = 0.875
_COLOURS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """A batch: float32 (images, channels, height, width) of what decodes.

    `names` and `problems` have a text per image; a problem is empty for one that decodes.
    """

    names: tuple[str, ...]
    pixels: Tensor
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StreamSplit:
    """Encoded images with labels, cut to `resolution`.

    Without augmentation the shorter side is resized to resolution / `crop` and the
    centre cut out; with it, a random resized crop is taken (8 to 100 % of the area,
    arXiv 1409.4842). A corrupt image raises DataError when its turn comes. `converted`
    has the colour modes, other than RGB, of those that were decoded so far.
    """

    images: Images
    labels: Labels
    resolution: int
    normalisation: Normalisation = IMAGENET
    crop: float = CROP
    interpolation: Interpolation = "bilinear"
    channels: int = _COLOURS
    threads: int = thread_count()
    converted: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        return f"<StreamSplit of {len(self):,} images, {self.resolution} pixels>"

    def __len__(self) -> int:
        return len(self.images)

    def subset(self, indices: Indices) -> Self:
        picked = checked_indices(indices, len(self))
        return replace(
            self, images=self.images.picked(picked), labels=self.labels[picked]
        )

    def feed(self, digest: Digest) -> None:
        """Name and size of each image, and the labels."""
        self.images.feed(digest)
        digest.update(self.labels.tobytes())

    def sized(self, resolution: int) -> Self:
        """The same images, cut to another size."""
        return replace(self, resolution=resolution)

    def labelled(self, labels: Labels) -> Self:
        return replace(self, labels=labels)

    def grey(self) -> Self:
        """The same images with one channel, their luminance (ITU-R 601)."""
        return replace(self, channels=1, normalisation=IMAGENET_GREY)

    @property
    def stored_side(self) -> int | None:
        return None

    @property
    def contract(self) -> ImageContract:
        return ImageContract(
            channels=self.channels,
            height=self.resolution,
            width=self.resolution,
            mean=self.normalisation.mean,
            std=self.normalisation.std,
            interpolation=self.interpolation,
            crop=self.crop,
            origin="data",
        )

    def seen_as(self, contract: ImageContract) -> Self:
        side = checked_side(contract, self.channels)
        known = normalisation_of(contract)
        if known is None:  # then crop and interpolation are no more than defaults
            return replace(self, resolution=side)
        return replace(
            self,
            resolution=side,
            crop=contract.crop,
            interpolation=contract.interpolation,
            normalisation=known,
        )

    def batches(
        self,
        *,
        batch_size: int,
        device: torch.device,
        seed: int | None,
        augmentation: Augmentation | None,
        drop_last: bool = False,
        part: Part = WHOLE,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        if augmentation is not None and augmentation.crop_padding:
            raise DataError(
                f"crop_padding {augmentation.crop_padding} does not apply to image "
                "files, which get a random resized crop; set crop_padding to 0"
            )
        check_batch(len(self), batch_size, self.contract)
        spans = batch_spans(len(self), batch_size, drop_last, part)
        epoch = plan_epoch(
            len(self),
            seed=seed,
            augmentation=augmentation,
            resolution=self.resolution,
            channels=self.channels,
        )
        return self._run(epoch, spans, None if augmentation is None else seed, device)

    def read(self, *, batch_size: int, device: torch.device) -> Iterator[Read]:
        """The images in order, fed as `batches` feeds them; problems do not raise."""
        check_batch(len(self), batch_size, self.contract)
        spans = batch_spans(len(self), batch_size, False, WHOLE)
        rows = [[*range(len(self))[span]] for span in spans]
        read = self._read(rows, None, device)
        for row, batch in zip(rows, read, strict=True):
            images = batch.images.to(device, non_blocking=True)
            yield Read(
                names=tuple(self.images[index].name for index in row),
                pixels=self.normalisation.apply(images).permute(0, 3, 1, 2),
                problems=batch.problems,
            )

    def _read(
        self, rows: list[list[int]], seed: int | None, device: torch.device
    ) -> Iterator[Batch]:
        crops = Crops(
            resolution=self.resolution,
            crop=self.crop,
            interpolation=self.interpolation,
            channels=self.channels,
            seed=seed,
            converted=self.converted,
        )
        batches = ([(index, self.images[index]) for index in row] for row in rows)
        return crops.batches(batches, self.threads, device)

    def _run(
        self,
        epoch: Epoch,
        spans: list[slice],
        seed: int | None,
        device: torch.device,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        order = epoch.order.numpy()
        labels = torch.from_numpy(self.labels[order]).to(device)
        epoch = epoch.to(device)
        rows = [order[span].tolist() for span in spans]
        read = self._read(rows, seed, device)
        for span, batch in zip(spans, read, strict=True):
            for problem in filter(None, batch.problems):
                raise DataError(
                    f"{problem}; replace it, or load with on_corrupt 'skip'"
                )
            images = batch.images.to(device, non_blocking=True)
            yield epoch.pixels(images, span, self.normalisation), labels[span]


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
