"""What every split of encoded images has: how they are decoded, cut and fed.

Its threads decode and crop (`rexpand.data.reading`), and where the CPU trains they also
flip and apply RandAugment, image by image. All else is done to the whole batch on the
device, by the code that tensors use.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Self

import torch
from torch import Tensor

from rexpand.data.changes import changes_of
from rexpand.data.epoch import Epoch, batch_spans, check_batch, plan_epoch
from rexpand.data.normalisation import (
    IMAGENET,
    IMAGENET_GREY,
    Normalisation,
    normalisation_of,
)
from rexpand.data.part import WHOLE, Part
from rexpand.data.reading import Batch, Crops, Wanted, thread_count
from rexpand.data.split import checked_side
from rexpand.errors import DataError
from rexpand.recipe import Augmentation
from rexpand.spec import ImageContract, Interpolation

# Centre crop of 224 from 256, the evaluation of torchvision's and timm's recipes
CROP = 0.875
_COLOURS = 3


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class EncodedSplit(ABC):
    """Encoded images with labels, cut to `resolution`.

    Without augmentation the shorter side is resized to resolution / `crop` and the
    centre cut out; with it, a random resized crop is taken (8 to 100 % of the area,
    arXiv 1409.4842). A corrupt image raises DataError when its turn comes. `converted`
    has the colour modes, other than RGB, of those that were decoded so far.
    """

    resolution: int
    normalisation: Normalisation = IMAGENET
    crop: float = CROP
    interpolation: Interpolation = "bilinear"
    channels: int = _COLOURS
    threads: int = thread_count()
    converted: set[str] = field(default_factory=set)

    def __repr__(self) -> str:
        name = type(self).__name__
        return f"<{name} of {len(self):,} images, {self.resolution} pixels>"

    @abstractmethod
    def __len__(self) -> int:
        """Number of images."""

    @abstractmethod
    def _wanted(
        self, epoch: Epoch, spans: list[slice], seed: int | None
    ) -> Iterator[tuple[list[Wanted], Tensor]]:
        """The images of the batches at `spans` of an epoch, and their labels."""

    def sized(self, resolution: int) -> Self:
        """The same images, cut to another size."""
        return replace(self, resolution=resolution)

    def grey(self) -> Self:
        """The same images with one channel, their luminance (ITU-R 601)."""
        return replace(self, channels=1, normalisation=IMAGENET_GREY)

    @property
    def stored_side(self) -> int | None:
        """None: files are of any size."""
        return None

    @property
    def contract(self) -> ImageContract:
        """How the images are fed (`Split.contract`)."""
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
        """The same images, fed as a network's contract says (`Split.seen_as`)."""
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
        """Each image once (`Split.batches`)."""
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
        return self._run(epoch, spans, seed, device)

    def _run(
        self, epoch: Epoch, spans: list[slice], seed: int | None, device: torch.device
    ) -> Iterator[tuple[Tensor, Tensor]]:
        crops = self._crops(None if epoch.augmentation is None else seed)
        if device.type == "cpu":
            crops = replace(crops, changes=changes_of(epoch, self.normalisation))
            epoch = epoch.without_changes()
        epoch = epoch.to(device)
        labels = deque[Tensor]()  # of the batches that are read ahead

        def wanted() -> Iterator[list[Wanted]]:
            for images, theirs in self._wanted(epoch, spans, seed):
                labels.append(theirs)
                yield images

        read = crops.batches(wanted(), self.threads, device)
        for span, batch in zip(spans, read, strict=True):
            yield self._fed(epoch, span, batch, device), labels.popleft().to(device)

    def _crops(self, seed: int | None) -> Crops:
        """At random with a seed, else at the centre."""
        return Crops(
            resolution=self.resolution,
            crop=self.crop,
            interpolation=self.interpolation,
            channels=self.channels,
            seed=seed,
            converted=self.converted,
        )

    def _fed(
        self, epoch: Epoch, span: slice, batch: Batch, device: torch.device
    ) -> Tensor:
        """A batch as a network takes it; DataError for the first image that is corrupt."""
        for problem in filter(None, batch.problems):
            raise DataError(f"{problem}; replace it, or load with on_corrupt 'skip'")
        images = batch.images.to(device, non_blocking=True)
        return epoch.pixels(images, span, self.normalisation)
