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
from rexpand.data.detection.augmenting import Seen, drawn_change, unchanged
from rexpand.data.detection.instances import AnnotatedImage
from rexpand.data.detection.soundness import Finding
from rexpand.data.images import ImageFile
from rexpand.errors import DataError
from rexpand.recipe import DetectionAugmentation

_AHEAD = 2  # batches that are read while one is used

Target = dict[str, Tensor]
Wanted = tuple[AnnotatedImage, int]  # and the number that its augmentation is drawn by


@dataclass(frozen=True, kw_only=True)
class Feed:
    """How annotated images become tensors and torchvision's targets.

    With a seed, which a training has, crowds are left out, and augmentation is drawn for
    each image by the seed and the image's number alone.
    """

    with_masks: bool
    seed: int | None
    augmentation: DetectionAugmentation | None

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
        image, number = wanted
        found = read_image(image)
        kept = [
            each for each in image.instances if self.seed is None or not each.is_crowd
        ]
        if self.augmentation is None or self.seed is None:
            seen = unchanged(image, kept, self.with_masks)
        else:
            generator = np.random.default_rng([self.seed % 2**64, number])
            change = drawn_change(self.augmentation, image, kept, generator)
            found = change.picture(found)
            seen = change.seen(image, kept, self.with_masks)
        return _pixels(found), _target(image.image_id, seen)


def read_image(image: AnnotatedImage) -> Image.Image:
    """The image as RGB; DataError if it is corrupt or of another size than annotated."""
    found = _upright(image)
    if found.size != (image.width, image.height):
        raise DataError(f"image '{image.file}' {_of_another_size(image, found)}")
    return found


def file_finding(image: AnnotatedImage) -> Finding | None:
    """What is wrong with an image file, and how it is said; all of it is decoded."""
    try:
        found = _upright(image)
    except DataError as error:
        return "corrupt file", str(error).removeprefix(f"image '{image.file}' ")
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
        f"has {found.width}x{found.height} pixels, its annotations are for "
        f"{image.width}x{image.height}"
    )


def _pixels(image: Image.Image) -> Tensor:
    """An image as uint8 (3, height, width)."""
    pixels = np.asarray(image).transpose(2, 0, 1)
    return torch.from_numpy(np.ascontiguousarray(pixels))


def _target(image_id: int, seen: Seen) -> Target:
    labels = [each.category + 1 for each in seen.instances]
    target = {
        "boxes": torch.from_numpy(seen.boxes).to(torch.float32),
        "labels": torch.tensor(labels, dtype=torch.int64),
        "image_id": torch.tensor([image_id]),
        "area": torch.from_numpy(seen.areas).to(torch.float32),
        "iscrowd": torch.tensor([e.is_crowd for e in seen.instances]).to(torch.int64),
    }
    if seen.masks is not None:
        target["masks"] = torch.from_numpy(seen.masks)
    return target


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
