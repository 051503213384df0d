"""What a trained network made of the images that judge it: its mistakes, class by class."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import RecordError
from rexpand.ranges import COUNT, MEASURED, PROBABILITY
from rexpand.records.files import read_record
from rexpand.records.record import JUDGEMENT

VERSION = 1
# A picture is part of a page: an image, and nothing that a browser would run.
_PICTURE = re.compile(r"data:image/(png|jpeg);base64,[A-Za-z0-9+/]{0,100000}={0,2}")

Place = Annotated[int, COUNT]  # of a class, from 0


def check_picture(picture: str) -> None:
    """Raise RecordError unless it is the `data:` address of a small PNG or JPEG."""
    if not _PICTURE.fullmatch(picture):
        raise RecordError("picture is no small PNG or JPEG in base64")


@dataclass(frozen=True, kw_only=True)
class Example:
    """A judged image: its class, the most probable one and its probability.

    `image` is its place among the judged images, `name` that of its file or of its
    member in a shard, None for an image of an array. `loss` is the cross-entropy,
    `picture` the image as the network saw it, a `data:` address of PNG or JPEG.
    """

    image: Annotated[int, COUNT]
    label: Place
    guess: Place
    probability: Annotated[float, PROBABILITY]
    loss: Annotated[float, MEASURED]
    picture: str
    name: str | None = None

    def __post_init__(self) -> None:
        check_fields(self, RecordError)
        check_picture(self.picture)


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """So many images of a class were taken for another, or for itself."""

    label: Place
    guess: Place
    images: Annotated[int, COUNT]

    def __post_init__(self) -> None:
        check_fields(self, RecordError)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Every pair of classes that occurred, and the images with the highest loss.

    The worst image is the first. Raises RecordError for a class without a name.
    """

    class_names: tuple[str, ...]
    confusions: tuple[Confusion, ...]
    worst: tuple[Example, ...]
    version: int = VERSION

    def __post_init__(self) -> None:
        found: Sequence[Confusion | Example] = (*self.confusions, *self.worst)
        highest = max((max(each.label, each.guess) for each in found), default=-1)
        if highest >= len(self.class_names):
            raise RecordError(
                f"class {highest} has no name; there are {len(self.class_names)}"
            )

    def images_of(self) -> dict[int, int]:
        """The images of each class that has any."""
        found: dict[int, int] = {}
        for each in self.confusions:
            found[each.label] = found.get(each.label, 0) + each.images
        return found

    def mistakes(self) -> tuple[Confusion, ...]:
        """The pairs of different classes, those with the most images first."""
        wrong = [each for each in self.confusions if each.label != each.guess]
        return tuple(sorted(wrong, key=lambda each: (-each.images, each.label)))


def together(judgements: Sequence[Judgement | None]) -> Judgement | None:
    """The judgements of all seeds of a training as one, without its worst images.

    One alone is itself. None where one is missing, or judges other classes.
    """
    found = [each for each in judgements if each is not None]
    if len(found) < len(judgements) or len({each.class_names for each in found}) != 1:
        return None
    if len(found) == 1:
        return found[0]
    images = Counter[tuple[int, int]]()
    for judgement in found:
        for each in judgement.confusions:
            images[each.label, each.guess] += each.images
    confusions = (
        Confusion(label=label, guess=guess, images=count)
        for (label, guess), count in sorted(images.items())
    )
    return Judgement(
        class_names=found[0].class_names, confusions=tuple(confusions), worst=()
    )


def judgement_of(folder: str | Path) -> Judgement | None:
    """The judgement in the folder of a training; None in that of an older version.

    Raises RecordError if it is damaged.
    """
    path = Path(folder, JUDGEMENT)
    return read_record(Judgement, path) if path.exists() else None
