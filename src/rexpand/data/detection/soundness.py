"""What of a box or a mask can be used in an image of a known size, and what is wrong.

Nothing is mended by guess: a reversed box may be a mistake in either corner.
"""

from rexpand.data.detection.defects import DefectKind
from rexpand.data.detection.instances import Box, Mask, Polygons, RunLengths

_LEAST_SIDE = 0.005  # pixels; COCO prints boxes to 0.01, and has some of no area
_ROUNDING = 1.0  # pixels that a box may reach beyond an image by how it was rounded
_FEWEST = 6  # numbers of an outline: three points

Finding = tuple[DefectKind, str]  # and how it is said


def sound_box(box: Box, height: int, width: int) -> tuple[Box | None, Finding | None]:
    """A box cut to the image, None for one that cannot be used; and what is wrong."""
    x_min, y_min, x_max, y_max = box
    if x_max < x_min or y_max < y_min:
        return None, ("reversed box", _written(box))
    if _is_empty(box):
        return None, ("box of no area", _written(box))
    if x_min >= 0 and y_min >= 0 and x_max <= width and y_max <= height:
        return box, None
    inside = max(x_min, 0.0), max(y_min, 0.0), min(x_max, width), min(y_max, height)
    said = f"{_written(box)} in {width}x{height} pixels"
    if _is_empty(inside):
        return None, ("box outside the image", said)
    is_far = max(abs(a - b) for a, b in zip(box, inside, strict=True)) > _ROUNDING
    return inside, ("box cut to the image", said) if is_far else None


def sound_mask(
    mask: Mask | None, height: int, width: int
) -> tuple[Mask | None, Finding | None]:
    """What of a mask can be used: all, some of its outlines, or None; what is wrong."""
    match mask:
        case RunLengths():
            return _sound_runs(mask, height, width)
        case Polygons():
            return _sound_polygons(mask, height, width)
    return None, None


def _sound_runs(
    mask: RunLengths, height: int, width: int
) -> tuple[Mask | None, Finding | None]:
    pixels = sum(mask.counts)
    if (mask.height, mask.width, pixels) == (height, width, height * width):
        return mask, None
    said = f"a mask of {mask.width}x{mask.height}, {pixels:,} pixels, in "
    return None, ("mask of another size", f"{said}{width}x{height} pixels")


def _sound_polygons(
    mask: Polygons, height: int, width: int
) -> tuple[Mask | None, Finding | None]:
    sound = tuple(filter(_is_outline, mask.outlines))
    farthest = max((max(max(each), -min(each)) for each in sound), default=0)
    # As far beyond the image as it is large: drawn on an image of another size
    if farthest > 2 * max(height, width):
        said = f"a mask that reaches to {farthest:.10g} in {width}x{height} pixels"
        return None, ("mask of another size", said)
    if len(sound) == len(mask.outlines):
        return mask, None
    wrong = next(each for each in mask.outlines if not _is_outline(each))
    said = f"an outline of {len(wrong)} numbers"
    left = Polygons(outlines=sound) if sound else None
    return left, ("mask without an outline", said)


def _is_empty(box: Box) -> bool:
    x_min, y_min, x_max, y_max = box
    return x_max - x_min < _LEAST_SIDE or y_max - y_min < _LEAST_SIDE


def _is_outline(outline: tuple[float, ...]) -> bool:
    return len(outline) >= _FEWEST and not len(outline) % 2


def _written(box: Box) -> str:
    return f"the box [{', '.join(f'{number:.10g}' for number in box)}]"
