"""What a rule is, and what it gives: an observation of one layer, with its numbers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from rexpand.advise.rules.subject import Subject

Level = Literal["advice", "warning", "error"]
Need = Literal["data", "measure", "multiple_of", "target"]

LEVELS: tuple[Level, ...] = ("advice", "warning", "error")  # mildest first
WHOLE = "(network)"  # the layer of what is said of all layers together


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One number of the evidence, or a list of them, by its name."""

    name: str
    value: float | str | tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """What a rule saw at a layer: the claim, its numbers, what it costs, what mends it.

    Without `level` it has the rule's.
    """

    layer: str
    message: str
    evidence: tuple[Fact, ...]
    cost: str
    fix: str
    level: Level | None = None


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule by id and name; `needs` is the option without which it cannot look."""

    id: str
    name: str
    level: Level
    summary: str
    source: str
    check: Callable[[Subject], Iterable[Observation]]
    needs: Need | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """An observation under its rule's id, at the level that it has in this run."""

    rule: str
    name: str
    level: Level
    layer: str
    message: str
    evidence: tuple[Fact, ...]
    cost: str
    fix: str


def facts(**values: float | str | tuple[int, ...]) -> tuple[Fact, ...]:
    """Evidence, written as names and values."""
    return tuple(Fact(name=name, value=value) for name, value in values.items())
