"""Encoded images read in batches, by threads of this process.

Pillow decodes, crops and resizes outside the interpreter's lock, so that threads are as
fast as processes; they need no memory of their own and cannot outlive us.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from rexpand.data.changes import ImageChanges
from rexpand.data.crops import centre_crop, random_crop
from rexpand.data.decoding import decode
from rexpand.data.images import StoredImage
from rexpand.errors import DataError
from rexpand.spec import Interpolation

_Pixels = NDArray[np.uint8]
_AHEAD = 2  # batches that are read while one is used


def thread_count() -> int:
    """One thread per CPU core that we may use, at most 8."""
    if hasattr(os, "sched_getaffinity"):
        return min(8, len(os.sched_getaffinity(0)))
    return min(8, os.cpu_count() or 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Batch:
    """Images uint8 (images, side, side, channels) of those that decode.

    `problems` has a text per image, empty for one that decodes.
    """

    images: Tensor
    problems: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """An image, the number that its crop is drawn by, and its place in the epoch."""

    image: StoredImage
    number: int
    place: int


@dataclass(frozen=True, kw_only=True)
class Crops:
    """How encoded images become uint8 (resolution, resolution, channels), RGB or grey.

    With a seed the crop is random, a function of the seed and the image's number alone,
    whichever thread draws it. `changes` are made to the crop. `converted` collects
    Pillow's names of the colour modes, other than RGB, that were met.
    """

    resolution: int
    crop: float
    interpolation: Interpolation
    channels: int
    seed: int | None
    changes: ImageChanges | None = None
    converted: set[str] = field(default_factory=set, compare=False)

    def batches(
        self,
        batches: Iterable[Sequence[Wanted]],
        threads: int,
        device: torch.device,
    ) -> Iterator[Batch]:
        """A batch for each of those, in order; the next ones are read meanwhile."""
        pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
        begun: deque[list[Future[_Pixels | str]]] = deque()
        try:
            for batch in batches:
                begun.append([pool.submit(self._read, each) for each in batch])
                if len(begun) > _AHEAD:
                    yield self._stacked(begun.popleft(), device)
            while begun:
                yield self._stacked(begun.popleft(), device)
        finally:  # also where an epoch is left early
            pool.shutdown(cancel_futures=True)

    def _stacked(
        self, images: Sequence[Future[_Pixels | str]], device: torch.device
    ) -> Batch:
        read = [image.result() for image in images]
        found = [image for image in read if not isinstance(image, str)]
        side = self.resolution
        stacked = torch.empty(
            (len(found), side, side, self.channels), dtype=torch.uint8
        )
        for place, image in zip(stacked.numpy(), found, strict=True):
            place[...] = image
        return Batch(
            images=stacked.pin_memory() if device.type == "cuda" else stacked,
            problems=tuple(each if isinstance(each, str) else "" for each in read),
        )

    def _read(self, wanted: Wanted) -> _Pixels | str:
        """An image, or what is wrong with it."""
        try:
            decoded = decode(wanted.image)
            if decoded.mode != "RGB":
                self.converted.add(decoded.mode)
            cut = self._cut(decoded.rgb, wanted.number)
            if self.channels == 1:
                cut = cut.convert("L")
            if self.changes:
                cut = self.changes.made(cut, wanted.place)
            side = self.resolution
            return np.asarray(cut).reshape(side, side, self.channels)
        except DataError as error:
            name, said = wanted.image.name, str(error)
            return said if name in said else f"image '{name}': {said}"

    def _cut(self, image: Image.Image, number: int) -> Image.Image:
        if self.seed is None:
            return centre_crop(
                image,
                self.resolution,
                crop=self.crop,
                interpolation=self.interpolation,
            )
        mixed = np.random.SeedSequence([self.seed % 2**64, number])
        return random_crop(
            image,
            self.resolution,
            seed=int(mixed.generate_state(1)[0]),
            interpolation=self.interpolation,
        )
