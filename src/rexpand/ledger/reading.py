"""What a protocol's records say, and the record of an item that is kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rexpand.ledger.row import Row
from rexpand.ranges import RATIO, SECONDS
from rexpand.records import Provenance

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class Panel:
    """How far a panel of a figure lies from the points that were read off it.

    `deviation` is the mean absolute one over `points` points, `worst` the largest, at
    the place that `worst_at` names.
    """

    letter: str
    structure: str
    deviation: Annotated[float, RATIO]
    points: int
    worst: Annotated[float, RATIO]
    worst_at: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The rows of a protocol, and who measured them; panels where it draws a figure."""

    rows: tuple[Row, ...]
    provenances: tuple[Provenance, ...] = ()
    panels: tuple[Panel, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ItemRecord:
    """An item of the ledger as it is kept: the protocol that was run, and what it gave.

    `seconds` are those of this run; steps that were done before it took none.
    """

    item: str
    title: str
    source: str
    protocol: str
    says: str
    rows: tuple[Row, ...]
    panels: tuple[Panel, ...]
    provenances: tuple[Provenance, ...]
    seconds: Annotated[float, SECONDS]
    version: int = VERSION

    @property
    def found(self) -> tuple[Row, ...]:
        """The rows that something was counted or measured for."""
        return tuple(row for row in self.rows if row.verdict != "not run")

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many printed figures were not run, by what they are of."""
        return Counter(row.note for row in self.rows if row.verdict == "not run")
