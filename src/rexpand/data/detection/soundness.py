"""What is wrong with a box or a mask, in an image of a known size.

Nothing is mended by guess: a reversed box may be a mistake in either corner.
"""

from rexpand.data.detection.defects import DefectKind
from rexpand.data.detection.instances import Box, Mask, Polygons, RunLengths

_LEAST_SIDE = 0.005  # pixels; COCO prints boxes to 0.01, and has some of no area
_ROUNDING = 1.0  # pixels that a box may reach beyond an image by how it was rounded
_FEWEST = 6  # numbers of an outline: three points

Finding = tuple[DefectKind, str]


def box_finding(box: Box, height: int, width: int) -> Finding | None:
    """What is wrong with a box, and how it is said."""
    x_min, y_min, x_max, y_max = box
    said = f"the box [{', '.join(f'{number:.10g}' for number in box)}]"
    if x_max < x_min or y_max < y_min:
        return "reversed box", said
    if _is_empty(box):
        return "box of no area", said
    inside = cut(box, height, width)
    if _is_empty(inside):
        return "box outside the image", f"{said} in {width}x{height} pixels"
    if max(abs(a - b) for a, b in zip(box, inside, strict=True)) > _ROUNDING:
        return "box cut to the image", f"{said} in {width}x{height} pixels"
    return None


def cut(box: Box, height: int, width: int) -> Box:
    """What of a box lies in the image."""
    x_min, y_min, x_max, y_max = box
    return max(x_min, 0.0), max(y_min, 0.0), min(x_max, width), min(y_max, height)


def mask_finding(mask: Mask | None, height: int, width: int) -> Finding | None:
    """What is wrong with a mask, and how it is said."""
    match mask:
        case RunLengths(height=own_height, width=own_width, counts=counts):
            pixels = sum(counts)
            if (own_height, own_width, pixels) != (height, width, height * width):
                said = f"a mask of {own_width}x{own_height}, {pixels:,} pixels, in "
                return "mask of another size", f"{said}{width}x{height} pixels"
        case Polygons(outlines=outlines):
            farthest = max((abs(n) for each in outlines for n in each), default=0)
            if _is_foreign(farthest, height, width):
                said = f"a mask that reaches to {farthest:.10g} in "
                return "mask of another size", f"{said}{width}x{height} pixels"
            wrong = [outline for outline in outlines if not _is_outline(outline)]
            if wrong:
                said = f"an outline of {len(wrong[0])} numbers"
                return "mask without an outline", said
    return None


def sound_mask(mask: Mask | None, height: int, width: int) -> Mask | None:
    """What of a mask can be used: all of it, some of its outlines, or nothing."""
    finding = mask_finding(mask, height, width)
    if finding is None:
        return mask
    if finding[0] == "mask without an outline" and isinstance(mask, Polygons):
        outlines = tuple(filter(_is_outline, mask.outlines))
        return Polygons(outlines=outlines) if outlines else None
    return None


def _is_empty(box: Box) -> bool:
    x_min, y_min, x_max, y_max = box
    return x_max - x_min < _LEAST_SIDE or y_max - y_min < _LEAST_SIDE


def _is_foreign(farthest: float, height: int, width: int) -> bool:
    """As far beyond the image as it is large: drawn on an image of another size."""
    return farthest > 2 * max(height, width)


def _is_outline(outline: tuple[float, ...]) -> bool:
    return len(outline) >= _FEWEST and not len(outline) % 2
