"""An annotated image, augmented: its pixels, and the objects that are left in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from rexpand.data.detection.distorting import Distortion, distorted, drawn
from rexpand.data.detection.instances import AnnotatedImage, Instance
from rexpand.data.detection.masks import mask_pixels
from rexpand.data.detection.placement import Placement
from rexpand.data.detection.placing import placed
from rexpand.recipe import DetectionAugmentation

_LEAST_SIDE = (
    1.0  # pixels of a box that is kept, as torchvision's SanitizeBoundingBoxes
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """What is seen of the objects of an image.

    `boxes` (objects, 4) in pixels of the result, `areas` (objects); `masks` uint8
    (objects, height, width) if they were asked for.
    """

    instances: tuple[Instance, ...]
    boxes: NDArray[np.float64]
    areas: NDArray[np.float64]
    masks: NDArray[np.uint8] | None


@dataclass(frozen=True, kw_only=True)
class Change:
    """What was drawn for an image: where it comes to lie, and its colours."""

    placement: Placement
    distortion: Distortion | None = None
    keeps_centres: bool = False

    def picture(self, image: Image.Image) -> Image.Image:
        """The pixels."""
        part = self.placement.cut_out(image)
        if self.distortion:
            part = distorted(part, self.distortion)
        return self.placement.picture(part)

    def seen(
        self, image: AnnotatedImage, instances: Sequence[Instance], with_masks: bool
    ) -> Seen:
        """The objects that are left: of a pixel or more, and with a mask that is seen."""
        placement = self.placement
        moved = placement.boxes([each.box for each in instances])
        limits = (placement.width, placement.height) * 2
        boxes = moved.clip(0, limits)
        rows = np.flatnonzero(self._is_kept(moved, boxes))
        kept = [instances[row] for row in rows.tolist()]
        masks = self._masks(image, kept) if with_masks else None
        if masks is not None:
            seen = np.flatnonzero(np.any(masks, axis=(1, 2)))
            kept = [kept[place] for place in seen.tolist()]
            rows, masks = rows[seen], masks[seen]
        scale = placement.scale[0] * placement.scale[1]
        return Seen(
            instances=tuple(kept),
            boxes=boxes[rows],
            areas=np.array([each.area * scale for each in kept]),
            masks=masks,
        )

    def _is_kept(
        self, moved: NDArray[np.float64], boxes: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        is_large = np.all(boxes[:, 2:] - boxes[:, :2] >= _LEAST_SIDE, axis=1)
        if not self.keeps_centres:
            return is_large
        centres = (moved[:, :2] + moved[:, 2:]) / 2
        size = (self.placement.width, self.placement.height)
        return is_large & np.all((centres > 0) & (centres < size), axis=1)

    def _masks(
        self, image: AnnotatedImage, instances: Sequence[Instance]
    ) -> NDArray[np.uint8]:
        size = (self.placement.height, self.placement.width)
        found = np.zeros((len(instances), *size), np.uint8)
        for place, each in zip(found, instances, strict=True):
            assert each.mask is not None  # the split has asked
            place[...] = self.placement.mask(each.mask, image.height, image.width)
        return found


def unchanged(
    image: AnnotatedImage, instances: Sequence[Instance], with_masks: bool
) -> Seen:
    """The objects of an image as it is."""
    masks = None
    if with_masks:
        masks = np.zeros((len(instances), image.height, image.width), np.uint8)
        for place, each in zip(masks, instances, strict=True):
            assert each.mask is not None  # the split has asked
            place[...] = mask_pixels(each.mask, image.height, image.width)
    return Seen(
        instances=tuple(instances),
        boxes=np.array([each.box for each in instances]).reshape(-1, 4),
        areas=np.array([each.area for each in instances]),
        masks=masks,
    )


def drawn_change(
    augmentation: DetectionAugmentation,
    image: AnnotatedImage,
    instances: Sequence[Instance],
    generator: np.random.Generator,
) -> Change:
    """Draw for an image with these objects."""
    return Change(
        placement=placed(
            augmentation,
            [each.box for each in instances],
            height=image.height,
            width=image.width,
            generator=generator,
        ),
        distortion=(
            drawn(augmentation.photometric, generator)
            if augmentation.photometric
            else None
        ),
        keeps_centres=augmentation.crop is not None,
    )
