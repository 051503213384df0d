"""RandAugment for whole batches of bytes, on the device that holds them.

The operations are timm's (`operations`), which are Pillow's. Eight of them replace each
byte by another, so that a table of 256 bytes per image and channel does them all; five
move pixels, which one sampling does; two blend an image with another version of it.
Images are square. What comes from outside the image has a given fill.
"""

from collections.abc import Callable
from math import pi

import torch
from torch import Tensor
from torch.nn import functional

from rexpand.data.operations import (
    ADDED,
    ADDED_BELOW,
    BELOW,
    BITS,
    BLEND,
    DEGREES,
    LEAST_BLEND,
    MOST,
    OPERATIONS,
    SHEAR,
    SHIFT,
    TABLES,
)
from rexpand.recipe import RandAugment

_GREY = (19595, 38470, 7471)  # of red, green and blue, of 65536 (Pillow's "L")


def draw_operations(
    values: RandAugment | None, count: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """For each image its operations, -1 for none, and their signed magnitudes.

    Both are (count, operations); without values they have no columns.
    """
    if values is None:
        return torch.empty((count, 0), dtype=torch.int64), torch.empty((count, 0))
    shape = (count, values.operations)
    operations = torch.randint(len(OPERATIONS), shape, generator=generator)
    is_done = torch.rand(shape, generator=generator) < values.probability
    spread = torch.randn(shape, generator=generator) * values.deviation
    magnitudes = (values.magnitude + spread).clamp(0, MOST)
    signs = 2 * torch.randint(2, shape, generator=generator) - 1
    return torch.where(is_done, operations, -1), magnitudes * signs


def rand_augmented(
    images: Tensor, operations: Tensor, magnitudes: Tensor, fill: Tensor
) -> Tensor:
    """Map uint8 (batch, height, width, channels) to such images; `fill` is (channels,)."""
    for chosen, signed in zip(operations.T, magnitudes.T, strict=True):
        images = images.clone()
        for first, last, act in _GROUPS:
            rows = ((chosen >= first) & (chosen < last)).nonzero().flatten()
            if len(rows):
                level = signed[rows] / MOST
                images[rows] = act(images[rows], chosen[rows], level, fill)
    return images


def _looked_up(images: Tensor, chosen: Tensor, level: Tensor, _: Tensor) -> Tensor:
    """Each byte replaced by its image's table."""
    strength = level.abs()[:, None, None]
    batch, _height, _width, channels = images.shape
    flat = images.flatten(1, 2)  # (batch, pixels, channels)
    byte = torch.arange(256, device=images.device, dtype=torch.float32)
    tables = byte.expand(batch, channels, 256).clone()
    for number, name in enumerate(TABLES):
        rows = (chosen == number).nonzero().flatten()
        if len(rows):
            tables[rows] = _TABLES[name](byte, flat[rows], strength[rows])
    # one table of all, so that pixels stay where they are; 32 bits are half the traffic
    first = torch.arange(0, 256 * batch * channels, 256, device=images.device)
    places = first.to(torch.int32).view(batch, 1, channels) + flat
    return tables.to(torch.uint8).flatten()[places].view(images.shape)


def _auto_contrast(byte: Tensor, flat: Tensor, _: Tensor) -> Tensor:
    least, most = (each.float()[..., None] for each in flat.aminmax(dim=1))
    scale = 255 / (most - least).clamp(min=1)
    stretched = (byte * scale - least * scale).clamp(0, 255).trunc()
    return torch.where(most > least, stretched, byte)


def _equalize(byte: Tensor, flat: Tensor, _: Tensor) -> Tensor:
    flat = flat.mT.long()
    batch, channels, pixels = flat.shape
    counts = flat.new_zeros((batch, channels, 256))
    counts.scatter_add_(2, flat, torch.ones_like(flat))
    last = counts.gather(2, flat.amax(2, keepdim=True))
    step = (pixels - last) // 255
    below = counts.cumsum(2) - counts
    flatter = (step // 2 + below) // step.clamp(min=1)
    return torch.where(step > 0, flatter.clamp(0, 255).float(), byte)


def _invert(byte: Tensor, _: Tensor, __: Tensor) -> Tensor:
    return 255 - byte


def _posterize(byte: Tensor, _: Tensor, strength: Tensor) -> Tensor:
    bits = (BITS * strength).trunc().clamp(min=1)
    width = 2 ** (8 - bits)  # of the values that become one
    return byte - byte % width


def _solarize(byte: Tensor, _: Tensor, strength: Tensor) -> Tensor:
    return torch.where(byte < (BELOW * strength).trunc(), byte, 255 - byte)


def _solarize_add(byte: Tensor, _: Tensor, strength: Tensor) -> Tensor:
    brighter = (byte + (ADDED * strength).trunc()).clamp(max=255)
    return torch.where(byte < ADDED_BELOW, brighter, byte)


def _contrast(byte: Tensor, flat: Tensor, strength: Tensor) -> Tensor:
    mean = (_grey(flat).float().mean(1) + 0.5).trunc()
    return _blended(mean[:, None, None], byte, strength)


def _brightness(byte: Tensor, _: Tensor, strength: Tensor) -> Tensor:
    return _blended(torch.zeros_like(byte), byte, strength)


def _colour(images: Tensor, _: Tensor, level: Tensor, __: Tensor) -> Tensor:
    grey = _grey(images)[..., None].expand(images.shape)
    return _blended(grey, images, level.abs()[:, None, None, None]).to(torch.uint8)


def _sharpness(images: Tensor, _: Tensor, level: Tensor, __: Tensor) -> Tensor:
    smooth = images.clone()
    if min(images.shape[1:3]) > 2:
        maps = images.permute(0, 3, 1, 2).float().flatten(0, 1)[:, None]
        around = functional.avg_pool2d(maps, 3, 1).mul_(9)
        around = around.add_(4 * maps[..., 1:-1, 1:-1]).div_(13).add_(0.5).trunc_()
        inner = around.view(*images.shape[:1], -1, *around.shape[2:])
        smooth[:, 1:-1, 1:-1] = inner.permute(0, 2, 3, 1).to(torch.uint8)
    return _blended(smooth, images, level.abs()[:, None, None, None]).to(torch.uint8)


def _blended(other: Tensor, image: Tensor, strength: Tensor) -> Tensor:
    """From `other` towards the image, 0.1 to 1.9 of the way, as bytes (Pillow's)."""
    factor = BLEND * strength + LEAST_BLEND
    other = other.float()
    # in place from here on: large batches wait for memory, not for arithmetic
    blend = (image.float() - other) * factor
    return blend.add_(other).clamp_(0, 255).trunc_()


def _grey(images: Tensor) -> Tensor:
    """Brightness of (..., channels), as integers of (...)."""
    if images.shape[-1] != len(_GREY):
        return images.float().mean(-1).trunc().to(torch.int64)
    # channel by channel, in 32 bits: a sum over three neighbours does not vectorise
    red, green, blue = (
        images[..., channel].to(torch.int32) * weight
        for channel, weight in enumerate(_GREY)
    )
    return red.add_(green).add_(blue).add_(0x8000).bitwise_right_shift_(16)


def _moved(images: Tensor, chosen: Tensor, level: Tensor, fill: Tensor) -> Tensor:
    """Rotated, sheared or shifted, bilinear; `chosen` counts from _FIRST_MOVE."""
    place = _matrices(chosen - _FIRST_MOVE, level)
    maps = images.permute(0, 3, 1, 2).float()
    maps = functional.pad(maps, (0, 0, 0, 0, 0, 1), value=1)  # 1 inside of the image
    size = [*maps.shape]
    grid = functional.affine_grid(place, size, align_corners=False)
    sampled = functional.grid_sample(maps, grid, align_corners=False)
    inside = sampled[:, -1:]
    found = (1 - inside) * fill.to(maps)[:, None, None]
    found = found.add_(sampled[:, :-1]).add_(0.5).clamp_(0, 255)
    return found.to(torch.uint8).permute(0, 2, 3, 1)


def _matrices(move: Tensor, level: Tensor) -> Tensor:
    """Where each output pixel comes from, (batch, 2, 3), in a square of side 2.

    Turns are around the centre, shears around the upper left corner.
    """
    nothing = torch.zeros_like(level)
    angle = torch.where(move == 0, level * DEGREES * pi / 180, nothing)
    shears = [torch.where(move == each, SHEAR * level, nothing) for each in (1, 2)]
    shifts = [torch.where(move == each, 2 * SHIFT * level, nothing) for each in (3, 4)]
    cosine, sine = angle.cos(), angle.sin()
    first = (cosine, shears[0] - sine, shears[0] + shifts[0])
    second = (sine + shears[1], cosine, shears[1] + shifts[1])
    return torch.stack([torch.stack(first, 1), torch.stack(second, 1)], 1)


_Table = Callable[[Tensor, Tensor, Tensor], Tensor]
_TABLES: dict[str, _Table] = {
    "auto_contrast": _auto_contrast,
    "equalize": _equalize,
    "invert": _invert,
    "posterize": _posterize,
    "solarize": _solarize,
    "solarize_add": _solarize_add,
    "contrast": _contrast,
    "brightness": _brightness,
}
_FIRST_MOVE = len(TABLES) + 2
_GROUPS = (
    (0, len(TABLES), _looked_up),
    (len(TABLES), len(TABLES) + 1, _colour),
    (len(TABLES) + 1, _FIRST_MOVE, _sharpness),
    (_FIRST_MOVE, len(OPERATIONS), _moved),
)
