"""Annotated images read in batches, by threads of this process.

As for classification (`rexpand.data.reading`): Pillow decodes outside of the
interpreter's lock, so that threads are as fast as processes and cannot outlive us.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageOps
from torch import Tensor

from rexpand.data.decoding import decode
from rexpand.data.detection.instances import AnnotatedImage, Instance
from rexpand.data.detection.masks import mask_pixels
from rexpand.data.detection.soundness import Finding
from rexpand.data.images import ImageFile
from rexpand.errors import DataError

_AHEAD = 2  # batches that are read while one is used

Target = dict[str, Tensor]
Wanted = tuple[AnnotatedImage, int]  # and the number that its augmentation is drawn by


@dataclass(frozen=True, kw_only=True)
class Feed:
    """How annotated images become tensors and torchvision's targets."""

    with_masks: bool
    with_crowds: bool

    def batches(
        self, batches: Iterable[Sequence[Wanted]], threads: int, device: torch.device
    ) -> Iterator[tuple[list[Tensor], list[Target]]]:
        """A batch for each of those, in order; the next ones are read meanwhile."""
        pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
        begun: deque[list[Future[tuple[Tensor, Target]]]] = deque()
        try:
            for batch in batches:
                begun.append([pool.submit(self._read, each) for each in batch])
                if len(begun) > _AHEAD:
                    yield _collected(begun.popleft(), device)
            while begun:
                yield _collected(begun.popleft(), device)
        finally:  # also where an epoch is left early
            pool.shutdown(cancel_futures=True)

    def _read(self, wanted: Wanted) -> tuple[Tensor, Target]:
        image, _ = wanted
        found = read_image(image)
        return _pixels(found), self._target(image)

    def _target(self, image: AnnotatedImage) -> Target:
        kept = [
            each for each in image.instances if self.with_crowds or not each.is_crowd
        ]
        target = {
            "boxes": torch.tensor([e.box for e in kept], dtype=torch.float32),
            "labels": torch.tensor([e.category + 1 for e in kept], dtype=torch.int64),
            "image_id": torch.tensor([image.image_id]),
            "area": torch.tensor([each.area for each in kept], dtype=torch.float32),
            "iscrowd": torch.tensor([e.is_crowd for e in kept], dtype=torch.int64),
        }
        target["boxes"] = target["boxes"].reshape(-1, 4)
        if self.with_masks:
            target["masks"] = _masks(kept, image.height, image.width)
        return target


def read_image(image: AnnotatedImage) -> Image.Image:
    """The image as RGB; DataError if it is corrupt or of another size than annotated."""
    found = _upright(image)
    if found.size != (image.width, image.height):
        raise DataError(_of_another_size(image, found))
    return found


def file_finding(image: AnnotatedImage) -> Finding | None:
    """What is wrong with an image file, and how it is said; all of it is decoded."""
    try:
        found = _upright(image)
    except DataError as error:
        return "corrupt file", str(error)
    if found.size != (image.width, image.height):
        return "file of another size", _of_another_size(image, found)
    return None


def _upright(image: AnnotatedImage) -> Image.Image:
    """The image; turned as its file says (EXIF) where it is annotated so."""
    found = decode(ImageFile(image.file)).rgb
    if found.width != image.width and found.size == (image.height, image.width):
        return ImageOps.exif_transpose(found)
    return found


def _of_another_size(image: AnnotatedImage, found: Image.Image) -> str:
    return (
        f"image '{image.file}' has {found.width}x{found.height} pixels, its annotations "
        f"are for {image.width}x{image.height}"
    )


def _pixels(image: Image.Image) -> Tensor:
    """An image as uint8 (3, height, width)."""
    pixels = np.asarray(image).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(pixels))


def _masks(instances: Sequence[Instance], height: int, width: int) -> Tensor:
    found = np.zeros((len(instances), height, width), np.uint8)
    for place, instance in zip(found, instances, strict=True):
        if instance.mask is not None:
            place[...] = mask_pixels(instance.mask, height, width)
    return torch.from_numpy(found)


def _collected(
    read: Sequence[Future[tuple[Tensor, Target]]], device: torch.device
) -> tuple[list[Tensor], list[Target]]:
    """A batch on the device; bytes travel, and become floats there."""
    images, targets = [], []
    for image, target in map(_sound, read):
        if device.type == "cuda":
            image = image.pin_memory()
        moved = image.to(device, non_blocking=True)
        images.append(moved.to(torch.float32) / 255)
        targets.append({name: each.to(device) for name, each in target.items()})
    return images, targets


def _sound(read: "Future[tuple[Tensor, Target]]") -> tuple[Tensor, Target]:
    try:
        return read.result()
    except DataError as error:
        raise DataError(
            f"{error}; replace it, or load with on_defect 'skip'"
        ) from error
