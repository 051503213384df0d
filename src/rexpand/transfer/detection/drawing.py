"""Boxes, masks and labels drawn on images, in the colours of the reports."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from rexpand.data.detection import AnnotatedImage
from rexpand.data.detection.masks import mask_pixels
from rexpand.report.theme import LIGHT
from rexpand.transfer.detection.coco import decoded
from rexpand.transfer.detection.prediction import Prediction

_CLASSES = tuple(each for each in LIGHT.categories if each not in ("#a3abb5",))
_CROWD = LIGHT.muted
_OPACITY = 0.42  # of a mask
_SIDES = (720, 1280)  # pixels of an image's longer side, as it is drawn
_MARGIN = 12
_AROUND = 0.75  # of the marks' longer side is shown on each side of their middle
_LEAST_ROOM = 24  # pixels on each side of it

_Rectangle = tuple[float, float, float, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Mark:
    """A region to draw: its corners in pixels, a colour, a label, a mask if it has one."""

    box: _Rectangle
    color: str
    label: str = ""
    mask: NDArray[np.bool_] | None = None


def truth_marks(image: AnnotatedImage, class_names: Sequence[str]) -> list[Mark]:
    """The annotated instances; a crowd is grey."""
    found = []
    for each in image.instances:
        name = class_names[each.category]
        inside = None
        if each.mask is not None:
            inside = mask_pixels(each.mask, image.height, image.width).astype(bool)
        found.append(
            Mark(
                box=each.box,
                color=_CROWD if each.is_crowd else class_color(each.category),
                label=f"crowd of {name}" if each.is_crowd else name,
                mask=inside,
            )
        )
    return found


def predicted_marks(prediction: Prediction, class_names: Sequence[str]) -> list[Mark]:
    """The predictions with their scores, the best on top."""
    ranked = prediction.best(len(prediction))
    found = [
        Mark(
            box=tuple(box),
            color=class_color(label),
            label=f"{class_names[label]} {score:.2f}",
            mask=None if ranked.masks is None else decoded(ranked.masks[place]),
        )
        for place, (box, label, score) in enumerate(
            zip(
                ranked.boxes.tolist(),
                ranked.labels.tolist(),
                ranked.scores.tolist(),
                strict=True,
            )
        )
    ]
    return found[::-1]


def class_color(place: int) -> str:
    """The colour of a class: neighbours differ."""
    return _CLASSES[place % len(_CLASSES)]


def marked(image: Image.Image, marks: Sequence[Mark]) -> Image.Image:
    """The image with its marks, enlarged or reduced to where labels can be read."""
    scale = _scale(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    drawn = _masked(image, marks).resize(size, Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(drawn)
    width = max(2, round(max(size) / 320))
    for mark in marks:
        _outline(draw, [each * scale for each in mark.box], mark.color, width)
    font = ImageFont.load_default(size=max(12, round(max(size) / 60)))
    taken: list[_Rectangle] = []
    for mark in marks:  # above all outlines
        if mark.label:
            taken.append(_label(draw, mark, scale, taken, font))
    return drawn


def cropped(image: Image.Image, marks: Sequence[Mark], side: int) -> Image.Image:
    """A square around the marks, `side` pixels, less where the image ends."""
    corners = np.array([mark.box for mark in marks], np.float64)
    low, high = corners[:, :2].min(0), corners[:, 2:].max(0)
    half = max(_AROUND * (high - low).max(), _LEAST_ROOM)
    size = np.array(image.size)
    middle = np.clip((low + high) / 2, 0, size)
    left, top = np.clip(middle - half, 0, size - 1).astype(int).tolist()
    right, bottom = np.clip(middle + half, 1, size).astype(int).tolist()
    right, bottom = max(right, left + 1), max(bottom, top + 1)
    part = image.crop((left, top, right, bottom))
    scale = side / max(part.size)
    part = part.resize(
        (max(1, round(part.width * scale)), max(1, round(part.height * scale))),
        Image.Resampling.BICUBIC,
    )
    draw = ImageDraw.Draw(part)
    for mark in marks:
        x_min, y_min, x_max, y_max = mark.box
        moved = (x_min - left, y_min - top, x_max - left, y_max - top)
        _outline(draw, [each * scale for each in moved], mark.color, 2)
    return part


def beside(panels: Sequence[tuple[str, Image.Image]]) -> Image.Image:
    """Pictures of one height side by side, each under its title."""
    font = ImageFont.load_default(size=max(13, panels[0][1].height // 36))
    band = round(font.getbbox("Ag")[3]) + _MARGIN
    widths = [picture.width for _, picture in panels]
    height = max(picture.height for _, picture in panels)
    size = (
        sum(widths) + _MARGIN * (len(panels) + 1),
        height + band + 2 * _MARGIN,
    )
    sheet = Image.new("RGB", size, LIGHT.ground)
    draw = ImageDraw.Draw(sheet)
    left = _MARGIN
    for title, picture in panels:
        draw.text((left, _MARGIN), title, fill=LIGHT.ink, font=font)
        sheet.paste(picture, (left, band + _MARGIN))
        left += picture.width + _MARGIN
    return sheet


def _scale(size: tuple[int, int]) -> float:
    least, most = _SIDES
    longest = max(size)
    return min(max(longest, least), most) / longest


def _masked(image: Image.Image, marks: Sequence[Mark]) -> Image.Image:
    """The image under its translucent masks."""
    pixels = np.asarray(image, np.float32).copy()
    for mark in marks:
        if mark.mask is not None:
            color = np.array(ImageColor.getrgb(mark.color), np.float32)
            pixels[mark.mask] += _OPACITY * (color - pixels[mark.mask])
    return Image.fromarray(pixels.round().astype(np.uint8))


def _outline(
    draw: ImageDraw.ImageDraw, corners: Sequence[float], color: str, width: int
) -> None:
    x_min, y_min, x_max, y_max = corners
    # Pillow refuses a box whose corners are reversed, and drawing is no place to fail.
    x_max, y_max = max(x_max, x_min), max(y_max, y_min)
    draw.rectangle((x_min, y_min, x_max, y_max), outline=color, width=width)


def _label(
    draw: ImageDraw.ImageDraw,
    mark: Mark,
    scale: float,
    taken: Sequence[_Rectangle],
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> _Rectangle:
    """The label on its colour: above the box, inside or below, where no other one is."""
    _, _, right, bottom = draw.textbbox((0, 0), mark.label, font=font)
    width, height = right + 6, bottom + 5
    x, y_min, _, y_max = (each * scale for each in mark.box)
    lowest = draw.im.size[1] - height
    left = min(max(x, 0), max(draw.im.size[0] - width, 0))
    places = [
        (left, top, left + width, top + height)
        for top in (y_min - height, y_min, y_max - height, y_max)
        if 0 <= top <= lowest
    ]
    inside = min(max(y_min, 0), max(lowest, 0))
    places.append((left, inside, left + width, inside + height))
    free = [p for p in places if not any(_overlap(p, other) for other in taken)]
    place = (free or places)[0]
    draw.rectangle(place, fill=mark.color)
    draw.text((place[0] + 3, place[1] + 1), mark.label, fill=LIGHT.ground, font=font)
    return place


def _overlap(one: _Rectangle, other: _Rectangle) -> bool:
    return (
        one[0] < other[2]
        and other[0] < one[2]
        and one[1] < other[3]
        and other[1] < one[3]
    )
