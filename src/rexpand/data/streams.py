"""A split read from image files while it is used, decoded by threads of this process.

Pillow decodes, crops and resizes outside the interpreter's lock, so that threads are as
fast as processes; they need no memory of their own and cannot outlive us. They only
decode and crop: flip, cutout and normalisation are done to the whole batch on the
device, by the code that tensors use.
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from rexpand.data.crops import centre_crop, random_crop
from rexpand.data.decoding import decode
from rexpand.data.epoch import Epoch, batch_spans, check_batch, plan_epoch
from rexpand.data.normalisation import (
    IMAGENET,
    IMAGENET_GREY,
    Normalisation,
    normalisation_of,
)
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
_AHEAD = 2  # batches that are decoded while one is used


def thread_count() -> int:
    """One thread per CPU core that we may use, at most 8."""
    if hasattr(os, "sched_getaffinity"):
        return min(8, len(os.sched_getaffinity(0)))
    return min(8, os.cpu_count() or 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """A batch of files: float32 (images, channels, height, width) of what decodes.

    `problems` has a text per file, empty for one that decodes.
    """

    files: tuple[str, ...]
    pixels: Tensor
    problems: tuple[str, ...]


class _Decoded(NamedTuple):
    """A batch as it is decoded: uint8 (images, side, side, channels), and problems."""

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
    ) -> Iterator[tuple[Tensor, Tensor]]:
        if augmentation is not None and augmentation.crop_padding:
            raise DataError(
                f"crop_padding {augmentation.crop_padding} does not apply to image "
                "files, which get a random resized crop; set crop_padding to 0"
            )
        check_batch(len(self), batch_size, self.contract)
        spans = batch_spans(len(self), batch_size, drop_last)
        epoch = plan_epoch(
            len(self),
            seed=seed,
            augmentation=augmentation,
            resolution=self.resolution,
            channels=self.channels,
        )
        crops = self._crops(seed=None if augmentation is None else seed)
        return self._run(epoch, spans, crops, device)

    def read(self, *, batch_size: int, device: torch.device) -> "Iterator[Read]":
        """The images in order, fed as `batches` feeds them; problems do not raise."""
        check_batch(len(self), batch_size, self.contract)
        spans = batch_spans(len(self), batch_size, drop_last=False)
        rows = [[*range(len(self))[span]] for span in spans]
        for of_batch, read in zip(
            rows, self._decoded(self._crops(seed=None), rows, device), strict=True
        ):
            pixels = self.normalisation.apply(
                read.pixels.to(device, non_blocking=True)
            ).permute(0, 3, 1, 2)
            files = tuple(self.files[row] for row in of_batch)
            yield Read(files=files, pixels=pixels, problems=read.problems)

    def _crops(self, *, seed: int | None) -> "_Crops":
        return _Crops(
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
        crops: "_Crops",
        device: torch.device,
    ) -> Iterator[tuple[Tensor, Tensor]]:
        order = epoch.order.numpy()
        labels = torch.from_numpy(self.labels[order]).to(device)
        epoch = epoch.to(device)
        decoded = self._decoded(crops, [order[span].tolist() for span in spans], device)
        for span, batch in zip(spans, decoded, strict=True):
            for problem in filter(None, batch.problems):
                raise DataError(
                    f"{problem}; replace it, or load with on_corrupt 'skip'"
                )
            images = batch.pixels.to(device, non_blocking=True)
            yield epoch.pixels(images, span, self.normalisation), labels[span]

    def _decoded(
        self, crops: "_Crops", batches: list[list[int]], device: torch.device
    ) -> Iterator[_Decoded]:
        """The batches in order, the next ones being decoded meanwhile."""
        pool = ThreadPoolExecutor(self.threads, thread_name_prefix="decode")
        begun: deque[list[Future[Tensor | str]]] = deque()
        try:
            for batch in batches:
                begun.append([pool.submit(crops.read, index) for index in batch])
                if len(begun) > _AHEAD:
                    yield self._stacked(begun.popleft(), device)
            while begun:
                yield self._stacked(begun.popleft(), device)
        finally:  # also where an epoch is left early
            pool.shutdown(cancel_futures=True)

    def _stacked(
        self, images: "list[Future[Tensor | str]]", device: torch.device
    ) -> _Decoded:
        """The images of a batch that decode, and for each image what is wrong with it."""
        read = [image.result() for image in images]
        tensors = [image for image in read if isinstance(image, Tensor)]
        none = torch.empty(
            0, self.resolution, self.resolution, self.channels, dtype=torch.uint8
        )
        pixels = torch.stack(tensors) if tensors else none
        return _Decoded(
            pixels.pin_memory() if device.type == "cuda" else pixels,
            tuple("" if isinstance(image, Tensor) else image for image in read),
        )


@dataclass(frozen=True, kw_only=True)
class _Crops:
    """Decoded and cropped images, uint8 (resolution, resolution, channels).

    With a seed the crop is random, a function of the seed and the index alone,
    whichever thread draws it.
    """

    files: tuple[str, ...]
    resolution: int
    crop: float
    interpolation: Interpolation
    channels: int
    seed: int | None

    def read(self, index: int) -> Tensor | str:
        """An image by its index, or what is wrong with its file."""
        file = self.files[index]
        try:
            image = decode(file)
            cut = self._cut(image, index)
            if self.channels == 1:
                return torch.from_numpy(np.array(cut.convert("L"))).unsqueeze(-1)
            return torch.from_numpy(np.array(cut))
        except DataError as error:
            said = str(error)
            return said if file in said else f"image '{file}': {said}"

    def _cut(self, image: Image.Image, index: int) -> Image.Image:
        if self.seed is None:
            return centre_crop(
                image,
                self.resolution,
                crop=self.crop,
                interpolation=self.interpolation,
            )
        mixed = np.random.SeedSequence([self.seed % 2**64, index])
        return random_crop(
            image,
            self.resolution,
            seed=int(mixed.generate_state(1)[0]),
            interpolation=self.interpolation,
        )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise DataError(f"image '{file}' cannot be read: {error.strerror}") from error
