"""Masks as pixels, and as COCO's tools take them.

They are rasterised by faster-coco-eval (extra `detection`), whose pixels are those of
pycocotools: a pixel belongs to an outline if its centre is inside.
"""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from rexpand.data.detection.instances import Mask, Polygons
from rexpand.errors import MissingExtraError


def coco_mask(mask: Mask, height: int, width: int) -> dict[str, Any]:
    """A mask as COCO's tools take it: `size` and compressed `counts`.

    `height` and `width` are of the image. Raises MissingExtraError without the extra.
    """
    library = _library()
    if isinstance(mask, Polygons):
        outlines = [list(outline) for outline in mask.outlines]
        parts = library.frPyObjects(outlines, height, width)
        return cast(dict[str, Any], library.merge(parts))
    runs = {"size": [mask.height, mask.width], "counts": list(mask.counts)}
    return cast(dict[str, Any], library.frPyObjects(runs, height, width))


def mask_pixels(mask: Mask, height: int, width: int) -> NDArray[np.uint8]:
    """A mask as (height, width), 1 inside and 0 outside; raises as `coco_mask`."""
    found = _library().decode(coco_mask(mask, height, width))
    return cast(NDArray[np.uint8], found)


def _library() -> Any:
    try:
        from faster_coco_eval.core import mask
    except ImportError:
        raise MissingExtraError("faster-coco-eval", "detection") from None
    return mask
