"""Random erasing: where, drawn for all images at once, and what, from one run of noise."""

from math import log

import torch
from torch import Tensor

from rexpand.recipe import RandomErasing

_ATTEMPTS = 10  # at a rectangle that fits (timm's)
_RATIO = 0.3  # of the sides, to its inverse
_OFFSETS = 2**16  # places where an image's noise begins


def draw_rectangles(
    values: RandomErasing | None,
    *,
    count: int,
    resolution: int,
    generator: torch.Generator,
) -> Tensor:
    """Top, left, height, width and place in the noise of each image, (count, 5).

    The height is 0 where nothing is erased; without values there are no columns.
    """
    if values is None:
        return torch.empty((count, 0), dtype=torch.int64)
    shape = (count, _ATTEMPTS)
    span = values.most - values.least
    area = values.least + span * torch.rand(shape, generator=generator)
    ratio = (log(_RATIO) * (1 - 2 * torch.rand(shape, generator=generator))).exp()
    heights = (resolution * (area * ratio).sqrt()).round().long()
    widths = (resolution * (area / ratio).sqrt()).round().long()
    fits = (heights < resolution) & (widths < resolution) & (heights * widths > 0)
    first = fits.int().argmax(1, keepdim=True)
    is_erased = torch.rand((count, 1), generator=generator) < values.probability
    is_erased &= fits.gather(1, first)
    sides = torch.cat([heights.gather(1, first), widths.gather(1, first)], 1)
    corners = torch.rand((count, 2), generator=generator) * (resolution - sides + 1)
    offsets = torch.randint(_OFFSETS, (count, 1), generator=generator)
    return torch.cat([corners.long(), sides * is_erased, offsets], 1)


def draw_noise(
    values: RandomErasing | None, run: int, generator: torch.Generator
) -> Tensor:
    """Normal noise, of which every image takes `run` numbers; empty without values."""
    length = _OFFSETS + run if values else 0
    return torch.randn(length, generator=generator)


def erase(pixels: Tensor, rectangles: Tensor, noise: Tensor) -> None:
    """Put noise into the rectangles of (batch, height, width, channels), in place."""
    if pixels.device.type == "cpu":
        erase_each(pixels, rectangles, noise)
    else:
        erase_at_once(pixels, rectangles, noise)


def erase_each(pixels: Tensor, rectangles: Tensor, noise: Tensor) -> None:
    """Only the pixels of a rectangle are touched."""
    run = pixels[0].numel()
    for image, rectangle in zip(pixels, rectangles.tolist(), strict=True):
        top, left, height, width, offset = rectangle
        if height:
            fresh = noise[offset : offset + run].view(image.shape)
            place = (slice(top, top + height), slice(left, left + width))
            image[place] = fresh[place]


def erase_at_once(pixels: Tensor, rectangles: Tensor, noise: Tensor) -> None:
    """In few operations, which do not wait for a GPU to say where."""
    rows = (rectangles[:, 2] > 0).nonzero().flatten()
    top, left, height, width, offset = rectangles[rows].T
    run = pixels[0].numel()
    windows = noise.as_strided((len(noise) - run + 1, run), (1, 1))
    fresh = windows.index_select(0, offset).view(-1, *pixels.shape[1:])
    is_in = _spanned(top, height, pixels.shape[1])[:, :, None]
    is_in = is_in & _spanned(left, width, pixels.shape[2])[:, None, :]
    pixels[rows] = torch.where(is_in[..., None], fresh, pixels[rows])


def _spanned(start: Tensor, length: Tensor, side: int) -> Tensor:
    """True on `length` places from `start`: (images, side)."""
    place = torch.arange(side, device=start.device)
    return (place >= start[:, None]) & (place < (start + length)[:, None])
