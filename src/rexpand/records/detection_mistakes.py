"""What a detector saw that is not there, and what it did not see, with pictures."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.errors import RecordError
from rexpand.ranges import AVERAGE_PRECISION, COUNT, PROBABILITY
from rexpand.records.files import read_record
from rexpand.records.judgement import check_picture

VERSION = 1
DETECTION_MISTAKES = "mistakes.json"  # in the folder of a run

# What a false positive is, the first that holds: its class was found there already by a
# better prediction; another class is there; its class is there but the overlap is under
# half; nothing of the kind is there (after TIDE, arXiv 2008.08115, which has two more).
MistakeKind = Literal["duplicate", "class", "localisation", "background"]
Place = Annotated[int, COUNT]  # of a class, from 0
Overlap = Annotated[float, AVERAGE_PRECISION]


@dataclass(frozen=True, kw_only=True)
class FalsePositive:
    """A prediction that finds no instance of its class.

    `image` is the name of its file, `score` the prediction's. `overlap` is that with the
    instance that explains its kind, and `label` the class of that one; 0 and None for
    background. `picture` shows it beside the truth, a `data:` address of PNG or JPEG.
    """

    image: str
    guess: Place
    score: Annotated[float, PROBABILITY]
    kind: MistakeKind
    overlap: Overlap
    label: Place | None
    picture: str

    def __post_init__(self) -> None:
        check_fields(self, RecordError)
        check_picture(self.picture)


@dataclass(frozen=True, kw_only=True)
class Miss:
    """An instance that no prediction of its class finds; its `area` in pixels.

    `taken_for` is the class of the best prediction of another class that overlaps it by
    half, `overlap` the best one with a prediction of its own class.
    """

    image: str
    label: Place
    area: float
    taken_for: Place | None
    overlap: Overlap
    picture: str

    def __post_init__(self) -> None:
        check_fields(self, RecordError)
        check_picture(self.picture)


@dataclass(frozen=True, kw_only=True)
class KindCount:
    """How many false positives are of a kind."""

    kind: MistakeKind
    count: Annotated[int, COUNT]


@dataclass(frozen=True, kw_only=True)
class DetectionMistakes:
    """The false positives with the highest scores, and the largest missed instances.

    Predictions count from `score` on. `kinds` count all false positives, `missed` all
    missed instances; those with pictures are the worst of them, the worst first.
    Raises RecordError for a class without a name.
    """

    class_names: tuple[str, ...]
    score: Annotated[float, PROBABILITY]
    kinds: tuple[KindCount, ...]
    missed: Annotated[int, COUNT]
    false_positives: tuple[FalsePositive, ...]
    misses: tuple[Miss, ...]
    version: int = VERSION

    def __post_init__(self) -> None:
        places = [
            *(place for f in self.false_positives for place in (f.guess, f.label)),
            *(place for m in self.misses for place in (m.label, m.taken_for)),
        ]
        highest = max((place for place in places if place is not None), default=-1)
        if highest >= len(self.class_names):
            raise RecordError(
                f"class {highest} has no name; there are {len(self.class_names)}"
            )


def detection_mistakes_of(folder: str | Path) -> DetectionMistakes | None:
    """The mistakes in the folder of a run; None where it has none.

    Raises RecordError if they are damaged.
    """
    path = Path(folder, DETECTION_MISTAKES)
    return read_record(DetectionMistakes, path) if path.exists() else None
