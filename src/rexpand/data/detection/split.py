"""Annotated images, cut into batches as torchvision's detectors take them."""

import os
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from rexpand.data.detection.feeding import Feed, Target
from rexpand.data.detection.grouping import by_aspect_ratio
from rexpand.data.detection.instances import AnnotatedImage, Polygons
from rexpand.data.epoch import batch_spans
from rexpand.data.part import WHOLE, Part
from rexpand.data.reading import thread_count
from rexpand.data.split import Digest, Indices, checked_indices
from rexpand.errors import DataError, quoted
from rexpand.recipe import DetectionAugmentation


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class DetectionSplit:
    """Annotated images of one part of a data set.

    `class_names` are numbered from 0; `category_ids` are what the annotation files call
    them, for results in COCO's form.
    """

    class_names: tuple[str, ...]
    category_ids: tuple[int, ...]
    images: tuple[AnnotatedImage, ...]
    threads: int = thread_count()

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        return (
            f"<DetectionSplit of {len(self):,} images, {self.instances:,} instances of "
            f"{len(self.class_names)} classes>"
        )

    @cached_property
    def instances(self) -> int:
        """Number of objects, without crowds."""
        return sum(
            not each.is_crowd for image in self.images for each in image.instances
        )

    @cached_property
    def has_masks(self) -> bool:
        """Whether every object has a mask, crowds or not."""
        every = [each.mask for image in self.images for each in image.instances]
        return bool(every) and None not in every

    def subset(self, indices: Indices) -> "DetectionSplit":
        """The images at `indices`, in that order; DataError if one does not exist."""
        picked = checked_indices(indices, len(self))
        return replace(self, images=tuple(self.images[index] for index in picked))

    def some(self, count: int) -> "DetectionSplit":
        """At most `count` images, at equal distances from the first to the last."""
        places = np.linspace(0, len(self) - 1, min(count, len(self)))
        return self.subset(places.round().astype(int).tolist())

    def numbered_as(self, class_names: Sequence[str]) -> "DetectionSplit":
        """The same images, their classes numbered as a detector's are.

        Raises DataError for a class that the detector does not have.
        """
        places = {name: place for place, name in enumerate(class_names)}
        for name in self.class_names:
            if name not in places:
                raise DataError(
                    f"class {quoted(name)} is none of the detector's {len(places)}, such "
                    f"as {quoted(class_names[0])}; rename it, or give a detector of "
                    "these classes"
                )
        ids = dict(zip(self.class_names, self.category_ids, strict=True))
        free = iter(
            range(max(self.category_ids) + 1, max(self.category_ids) + 1 + len(places))
        )
        return replace(
            self,
            class_names=tuple(class_names),
            category_ids=tuple(ids[n] if n in ids else next(free) for n in class_names),
            images=tuple(
                replace(
                    image,
                    instances=tuple(
                        replace(each, category=places[self.class_names[each.category]])
                        for each in image.instances
                    ),
                )
                for image in self.images
            ),
        )

    def batches(
        self,
        *,
        batch_size: int,
        device: torch.device,
        seed: int | None = None,
        augmentation: DetectionAugmentation | None = None,
        aspect_ratio_group_factor: int | None = None,
        masks: bool = False,
        drop_last: bool = False,
        part: Part = WHOLE,
    ) -> Iterator[tuple[list[Tensor], list[Target]]]:
        """Each image once: float32 (3, height, width) in 0 to 1, and torchvision's target.

        A target has `boxes` float32 (objects, 4), `labels` int64 from 1, `image_id` int64
        (1), `area` float32 and `iscrowd` int64 (objects); with `masks` also `masks`
        uint8 (objects, height, width). With a seed, which a training gives, order and
        augmentation are a pure function of it, and crowds are left out; without, images
        come in order.
        With `aspect_ratio_group_factor`, a batch of a training has images of like shapes
        (`grouping.by_aspect_ratio`); each still comes once.
        With `part` only its batches, or its slices of them, come: the same bits.
        Raises DataError for an augmentation without a seed, for an image that is corrupt
        or of another size than annotated, for masks where an object has none, and if no
        batch results; MissingExtraError for masks without the extra `detection`.
        """
        if seed is None and augmentation is not None:
            raise DataError(f"{augmentation} draws at random; give batches a seed")
        if masks:
            self._check_masks()
        order = torch.arange(len(self))
        if seed is not None:
            order = self.drawn_order(seed, batch_size, aspect_ratio_group_factor)
        spans = batch_spans(len(self), batch_size, drop_last, part)
        feed = Feed(with_masks=masks, seed=seed, augmentation=augmentation)
        rows = (order[span].tolist() for span in spans)
        batches = ([(self.images[row], row) for row in batch] for batch in rows)
        return feed.batches(batches, self.threads, device)

    def drawn_order(
        self, seed: int, batch_size: int, aspect_ratio_group_factor: int | None
    ) -> Tensor:
        """The places of the images (images,) int64 in the order of an epoch of training."""
        generator = torch.Generator().manual_seed(seed)
        order = torch.randperm(len(self), generator=generator)
        if aspect_ratio_group_factor is None:
            return order
        return by_aspect_ratio(
            order,
            [each.width / each.height for each in self.images],
            batch_size=batch_size,
            factor=aspect_ratio_group_factor,
        )

    def feed(self, digest: Digest) -> None:
        """Give a hash what tells these images and annotations from others."""
        digest.update(repr(self.class_names).encode())
        for image in self.images:
            digest.update(_written(image))

    def _check_masks(self) -> None:
        for image in self.images:
            for number, each in enumerate(image.instances):
                if each.mask is None:
                    raise DataError(
                        f"object {number} of '{image.file}' has no mask; give "
                        "annotations with a mask for every object, or a detector of "
                        "boxes"
                    )


def _written(image: AnnotatedImage) -> bytes:
    """The folder, name and size of a file, and its objects, as bytes."""
    path = Path(image.file)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise DataError(f"image '{path}' cannot be read: {error.strerror}") from error
    parts = [os.fsencode("/".join(path.parts[-2:])), b"%d" % size]
    for each in image.instances:
        numbers = array("d", (each.category, each.is_crowd, each.area, *each.box))
        parts.append(numbers.tobytes())
        if isinstance(each.mask, Polygons):
            parts += [array("d", outline).tobytes() for outline in each.mask.outlines]
        elif each.mask is not None:
            parts.append(array("q", each.mask.counts).tobytes())
    return b"\n".join(parts)
