"""What can be wrong with annotations, each kind with what is done about it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from rexpand.errors import DataError

# These stop a training, unless it goes on without what is concerned.
Harmful = Literal[
    "box of no area",
    "reversed box",
    "box outside the image",
    "missing image",
    "missing file",
    "corrupt file",
    "file of another size",
    "duplicate image id",
    "unknown category",
    "mask of another size",
    "mask without an outline",
    "shape of another kind",
    "image without annotation file",
    "part without objects",
]
# These are counted, and nothing else.
Harmless = Literal[
    "box cut to the image",
    "duplicate annotation id",
    "gap in category ids",
    "image without annotations",
    "file without annotations",
    "file of two parts",
    "class without training objects",
]
DefectKind = Harmful | Harmless
OnDefect = Literal["fail", "skip"]

HARMFUL: tuple[Harmful, ...] = get_args(Harmful)
HARMLESS: tuple[Harmless, ...] = get_args(Harmless)


@dataclass(frozen=True, kw_only=True, slots=True)
class Defect:
    """One thing that is wrong: of what kind, in which file, and what it says there."""

    kind: DefectKind
    file: str
    said: str

    @property
    def stops(self) -> bool:
        """Whether a training stops at it unless it is left out."""
        return self.kind in HARMFUL

    def __str__(self) -> str:
        return f"{self.file}: {self.said}"


def check_harmless(name: str, defects: Sequence[Defect]) -> None:
    """Raise DataError if one of the defects stops a training; each kind is counted."""
    found = [defect for defect in defects if defect.stops]
    if not found:
        return
    counts = Counter(defect.kind for defect in found)
    counted = ", ".join(f"{kind} {number:,}" for kind, number in counts.items())
    raise DataError(
        f"{name} has defects ({counted}), the first: {found[0]}; mend the annotations, "
        "or load with on_defect 'skip' to leave out what is concerned"
    )
