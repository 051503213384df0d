"""How augmentation places an image: what is drawn, as one `Placement`.

The distributions are those of torchvision's transforms; chance comes from a generator of
the image's own, because theirs come from the one of the process, which threads share.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from rexpand.data.decoding import MOST_PIXELS
from rexpand.data.detection.instances import Box
from rexpand.data.detection.placement import Placement
from rexpand.errors import DataError
from rexpand.recipe import (
    DetectionAugmentation,
    Expand,
    FixedSize,
    IoUCrop,
    LargeScaleJitter,
    ShorterSide,
)

# A part of an image's plane, in whole pixels: left, top, right, bottom
Window = tuple[int, int, int, int]


def placed(
    augmentation: DetectionAugmentation,
    boxes: Sequence[Box],
    *,
    height: int,
    width: int,
    generator: np.random.Generator,
) -> Placement:
    """Draw for an image of `height` x `width` with objects in these boxes.

    Raises DataError for a result too large to be kept.
    """
    window = (0, 0, width, height)
    if augmentation.expand:
        window = _expanded(window, augmentation.expand, generator)
    if augmentation.crop:
        window = _cropped(window, boxes, augmentation.crop, generator)
    is_flipped = augmentation.flip and bool(generator.random() < 0.5)
    if augmentation.jitter:
        found = _jittered(height, width, augmentation.jitter, generator)
    else:
        size = _size(window, augmentation.resize, generator)
        found = _seen(window, size, height, width)
    return replace(found, is_flipped=is_flipped)


def _expanded(window: Window, expand: Expand, generator: np.random.Generator) -> Window:
    """A larger window that has this one somewhere inside."""
    if generator.random() >= expand.probability:
        return window
    left, top, right, bottom = window
    sides = 1 + generator.random() * (expand.most - 1)
    width, height = int((right - left) * sides), int((bottom - top) * sides)
    left -= int((width - right + left) * generator.random())
    top -= int((height - bottom + top) * generator.random())
    return left, top, left + width, top + height


def _cropped(
    window: Window, boxes: Sequence[Box], crop: IoUCrop, generator: np.random.Generator
) -> Window:
    """A window inside that overlaps a box enough; the same one where there is no box."""
    if not boxes:
        return window
    every = np.array(boxes)
    for _ in range(crop.tries):
        least = crop.overlaps[generator.integers(len(crop.overlaps))]
        if least >= 1:
            return window
        windows = _windows(window, crop, generator)
        fitting = np.flatnonzero(_overlaps(windows, every) >= least)
        if fitting.size:
            left, top, right, bottom = windows[fitting[0]].tolist()
            return left, top, right, bottom
    return window


def _windows(
    window: Window, crop: IoUCrop, generator: np.random.Generator
) -> NDArray[np.int64]:
    """Windows inside, (at most `tries`, 4), of the shapes that are allowed."""
    corner, end = np.array(window[:2]), np.array(window[2:])
    shares = generator.uniform(crop.least, crop.most, (crop.tries, 2))
    sizes = ((end - corner) * shares).astype(np.int64)
    room = (end - corner - sizes) * generator.random((crop.tries, 2))
    starts = corner + room.astype(np.int64)
    is_allowed = (sizes > 0).all(1) & (sizes.max(1) <= sizes.min(1) * crop.aspect_ratio)
    return np.concatenate((starts, starts + sizes), 1)[is_allowed]


def _overlaps(
    windows: NDArray[np.int64], boxes: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The most that a window overlaps a box with its centre inside; -1 without one."""
    first, last = windows[:, None, :2], windows[:, None, 2:]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    is_inside = ((first < centres) & (centres < last)).all(2)
    sides = np.minimum(last, boxes[:, 2:]) - np.maximum(first, boxes[:, :2])
    shared = sides.clip(0).prod(2)
    areas = (last - first).prod(2) + (boxes[:, 2:] - boxes[:, :2]).prod(1)
    found: NDArray[np.float64] = np.where(is_inside, shared / (areas - shared), -1.0)
    return found.max(1)


def _size(
    window: Window,
    resize: FixedSize | ShorterSide | None,
    generator: np.random.Generator,
) -> tuple[int, int]:
    """Height and width that a window is resized to."""
    width, height = window[2] - window[0], window[3] - window[1]
    match resize:
        case FixedSize():
            return resize.height, resize.width
        case ShorterSide():
            side = resize.sides[generator.integers(len(resize.sides))]
            scale = min(side / min(height, width), resize.longest / max(height, width))
            return max(int(height * scale), 1), max(int(width * scale), 1)
    return height, width


def _seen(window: Window, size: tuple[int, int], height: int, width: int) -> Placement:
    """What a window shows of an image, resized to `size`, height and width."""
    if size[0] * size[1] > MOST_PIXELS:
        raise DataError(
            f"an image of {width}x{height} becomes one of {size[1]}x{size[0]} pixels; "
            "expand it less, or resize it"
        )
    left, right = max(window[0], 0), min(window[2], width)
    top, bottom = max(window[1], 0), min(window[3], height)
    x_min, x_max = _span(left, right, window[0], window[2], size[1])
    y_min, y_max = _span(top, bottom, window[1], window[3], size[0])
    return Placement(
        source=(left, top, right, bottom),
        target=(x_min, y_min, x_max, y_max),
        height=size[0],
        width=size[1],
    )


def _span(first: int, last: int, start: int, end: int, length: int) -> tuple[int, int]:
    """Where first to last of start to end lie in 0 to `length`: at least one pixel."""
    scale = length / (end - start)
    low = min(round((first - start) * scale), length - 1)
    return low, max(round((last - start) * scale), low + 1)


def _jittered(
    height: int, width: int, jitter: LargeScaleJitter, generator: np.random.Generator
) -> Placement:
    """An image scaled, and cut or filled to the square."""
    side = jitter.side
    scale = generator.uniform(jitter.least, jitter.most) * side / max(height, width)
    left, right, x_max = _cut(width, scale, side, generator.random())
    top, bottom, y_max = _cut(height, scale, side, generator.random())
    return Placement(
        source=(left, top, right, bottom),
        target=(0, 0, x_max, y_max),
        height=side,
        width=side,
    )


def _cut(
    length: int, scale: float, most: int, share: float
) -> tuple[float, float, int]:
    """What is seen of a scaled length, from where to where, and its new length."""
    scaled = max(int(length * scale), 1)
    if scaled <= most:
        return 0, length, scaled
    start = int((scaled - most) * share)
    return start * length / scaled, (start + most) * length / scaled, most
