"""What a page tells of a detector, as one value: whoever judged one gives it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rexpand.records import DetectionMistakes, DetectionScores, Provenance


@dataclass(frozen=True, kw_only=True)
class DetectionLosses:
    """An epoch, counted from 0: its loss, what that is the sum of, and what was judged."""

    epoch: int
    loss: float
    parts: Mapping[str, float] = field(default_factory=dict)
    box_ap: float | None = None
    mask_ap: float | None = None


@dataclass(frozen=True, kw_only=True)
class DetectionResult:
    """A detector judged on the images of a split.

    `name` is what it is called, `data` the data set, `judged` which images these are:
    held-out, training. `losses` are those of its training, `facts` whatever else is known
    of it in words, `recipe` its fields as they are printed. The last four are left out of
    the page where they are empty.
    """

    name: str
    data: str
    judged: str
    scores: DetectionScores
    mistakes: DetectionMistakes | None = None
    losses: tuple[DetectionLosses, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    recipe: Mapping[str, object] = field(default_factory=dict)
    provenances: tuple[Provenance, ...] = ()
