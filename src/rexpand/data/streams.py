"""A split read from image files while it is used.

Its threads only decode and crop (`rexpand.data.reading`): flip, cutout and normalisation
are done to the whole batch on the device, by the code that tensors use.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from rexpand.data.epoch import Epoch, batch_spans, check_batch, plan_epoch
from rexpand.data.normalisation import (
    IMAGENET,
    IMAGENET_GREY,
    Normalisation,
    normalisation_of,
)
from rexpand.data.part import WHOLE, Part
from rexpand.data.reading import Crops, thread_count
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
    """A batch of files: float32 (images, channels, height, width) of what decodes.

    `problems` has a text per file, empty for one that decodes.
    """

    files: tuple[str, ...]
    pixels: Tensor
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class StreamSplit:
    """Image files with labels, cut to `resolution`.

    Without augmentation the shorter side is resized to resolution / `crop` and the
    centre cut out; with it, a random resized crop is taken (8 to 100 % of the area,
    arXiv 1409.4842). A corrupt file raises DataError when its turn comes.
    """

    # strings, lighter than Paths: ImageNet has 1.28 million of them
    files: tuple[str, ...]
    labels: Labels
    resolution: int
    normalisation: Normalisation = IMAGENET
    crop: float = CROP
    interpolation: Interpolation = "bilinear"
    channels: int = _COLOURS
    threads: int = thread_count()

    def __repr__(self) -> str:
        return f"<StreamSplit of {len(self):,} images, {self.resolution} pixels>"

    def __len__(self) -> int:
        return len(self.files)

    def subset(self, indices: Indices) -> Self:
        picked = checked_indices(indices, len(self))
        files = tuple(self.files[index] for index in picked)
        return replace(self, files=files, labels=self.labels[picked])

    def feed(self, digest: Digest) -> None:
        """Class folder, name and size of each file, and the labels.

        The bytes of a million files take minutes to read, their sizes seconds.
        """
        for file in self.files:
            path = Path(file)
            name = os.fsencode("/".join(path.parts[-2:]))  # in whatever encoding
            digest.update(b"%s %d\n" % (name, _size(path)))
        digest.update(self.labels.tobytes())

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
        crops = self._crops(seed=None if augmentation is None else seed)
        return self._run(epoch, spans, crops, device)

    def read(self, *, batch_size: int, device: torch.device) -> Iterator[Read]:
        """The images in order, fed as `batches` feeds them; problems do not raise."""
        check_batch(len(self), batch_size, self.contract)
        spans = batch_spans(len(self), batch_size, False, WHOLE)
        rows = [[*range(len(self))[span]] for span in spans]
        read = self._crops(seed=None).batches(rows, self.threads, device)
        for span, batch in zip(spans, read, strict=True):
            images = batch.images.to(device, non_blocking=True)
            yield Read(
                files=self.files[span],
                pixels=self.normalisation.apply(images).permute(0, 3, 1, 2),
                problems=batch.problems,
            )

    def _crops(self, *, seed: int | None) -> Crops:
        return Crops(
            files=self.files,
            resolution=self.resolution,
            crop=self.crop,
            interpolation=self.interpolation,
            channels=self.channels,
            seed=seed,
        )

    def _run(
        self,
        epoch: Epoch,
        spans: list[slice],
        crops: Crops,
        device: torch.device,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        order = epoch.order.numpy()
        labels = torch.from_numpy(self.labels[order]).to(device)
        epoch = epoch.to(device)
        rows = [order[span].tolist() for span in spans]
        read = crops.batches(rows, self.threads, device)
        for span, batch in zip(spans, read, strict=True):
            for problem in filter(None, batch.problems):
                raise DataError(
                    f"{problem}; replace it, or load with on_corrupt 'skip'"
                )
            images = batch.images.to(device, non_blocking=True)
            yield epoch.pixels(images, span, self.normalisation), labels[span]


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise DataError(f"image '{file}' cannot be read: {error.strerror}") from error
