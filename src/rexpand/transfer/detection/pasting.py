"""Masks of boxes in their place in the image, all at once: for graphs without loops.

The same numbers as torchvision's `paste_masks_in_image`, whose graph is a loop that
copies all masks for each of them.
"""

import torch
from torch import Tensor
from torch.nn import functional
from torchvision.models.detection.roi_heads import expand_boxes

_BORDER = 1  # zeros around each mask, so that it ends softly


def pasted(masks: Tensor, boxes: Tensor, height: int, width: int) -> Tensor:
    """Masks (boxes, side, side) as images (boxes, height, width), 0 outside of the box.

    `boxes` are (boxes, 4) in pixels. Bilinear interpolation is linear along either axis,
    so a mask is placed by one matrix for its rows and one for its columns.
    """
    side = masks.shape[-1]
    masks = functional.pad(masks, (_BORDER,) * 4)
    larger = (side + 2 * _BORDER) / side
    left, top, right, bottom = expand_boxes(boxes, larger).to(torch.int64).unbind(1)
    rows = _placing(top, bottom, height, masks)
    columns = _placing(left, right, width, masks)
    return rows @ masks @ columns.transpose(1, 2)


def _placing(first: Tensor, last: Tensor, pixels: int, masks: Tensor) -> Tensor:
    """Weights (boxes, pixels, side) of a mask's entries in each pixel of one axis."""
    side = masks.shape[-1]
    at = torch.arange(pixels, device=first.device)[None]
    first, last = first[:, None], last[:, None]
    length = (last - first + 1).clamp(min=1)
    source = (at - first + 0.5) * (side / length.to(masks.dtype)) - 0.5
    entries = torch.arange(side, device=first.device, dtype=masks.dtype)
    apart = (source.clamp(0, side - 1)[..., None] - entries).abs()
    is_inside = (at >= first) & (at <= last)
    return (1 - apart).clamp(min=0) * is_inside[..., None]
