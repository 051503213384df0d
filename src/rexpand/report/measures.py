"""What trials are ranked by, in the words of pages, figures and the terminal."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rexpand.records.study_front import MeasureName


@dataclass(frozen=True, kw_only=True)
class Words:
    """A measure in percent, of which more is better.

    `word` stands in a sentence, `title` over a figure or a column, `axis` at its ticks.
    The others compare trials by it.
    """

    word: str
    title: str
    axis: str
    error: str
    best: str
    better: str
    equal: str

    def said(self, percent: float) -> str:
        """A value on a line about one trial, where an accuracy needs no name."""
        name = "" if self is _TOP1 else f"{self.word} "
        return f"{name}{percent:.1f} %"


_TOP1 = Words(
    word="accuracy",
    title="Accuracy",
    axis="Top-1 accuracy (%)",
    error="Top-1 error (%)",
    best="most accurate",
    better="more accurate",
    equal="as accurate",
)
_BOX_AP = Words(
    word="box AP",
    title="Box AP",
    axis="Box AP (%)",
    error="100 less box AP (%)",
    best="best",
    better="better",
    equal="as good",
)
_WORDS: Mapping[MeasureName, Words] = MappingProxyType(
    {"accuracy": _TOP1, "box_ap": _BOX_AP}
)


def words_of(measure: MeasureName) -> Words:
    """The words of a measure."""
    return _WORDS[measure]
