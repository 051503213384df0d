"""Two-level factorial designs: which runs, and which effects each of them mixes.

Factors are the letters A, B, C, ... A run is the set of the factors that are at their
high level, written as Yates does: (1), a, b, ab, ... An effect is a word: A is a main
effect, AB an interaction. In a half fraction the word of all letters is +1 in every run
(the defining relation I = ABCD), so that an effect cannot be told from the one that has
the other letters, its alias (Box, Hunter and Hunter, Statistics for Experimenters).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import prod
from string import ascii_uppercase

from rexpand.errors import UnknownNameError
from rexpand.records.factorial import Fraction

_FRACTIONS: tuple[Fraction, ...] = ("full", "half")


@dataclass(frozen=True, kw_only=True)
class Factorial:
    """All 2^k combinations of k factors, or the half of them with I = AB...K."""

    factors: int
    fraction: Fraction = "full"

    @property
    def letters(self) -> str:
        """The names of the factors."""
        return ascii_uppercase[: self.factors]

    @property
    def defining_word(self) -> str:
        """The word that is +1 in every run; empty if all combinations are run."""
        return self.letters if self.fraction == "half" else ""

    @property
    def runs(self) -> tuple[str, ...]:
        """The letters at the high level, run by run, in Yates' order.

        In a half fraction those whose number of low levels is even: the run with all
        factors high is always one, and of an even number of factors that with none too.
        """
        every = [
            "".join(letter for bit, letter in enumerate(self.letters) if run >> bit & 1)
            for run in range(2**self.factors)
        ]
        if not self.defining_word:
            return tuple(every)
        return tuple(run for run in every if sign(self.defining_word, run) == 1)

    @property
    def effects(self) -> tuple[str, ...]:
        """The words that can be told apart, the shortest first: one of each alias set."""
        found: list[str] = []
        for word in _words(self.letters):
            if word != self.defining_word and self.alias(word) not in found:
                found.append(word)
        return tuple(found)

    def alias(self, word: str) -> str:
        """The effect that cannot be told from a word; empty if there is none."""
        if not self.defining_word:
            return ""
        return "".join(x for x in self.letters if (x in word) != (x in self.letters))


def sign(word: str, run: str) -> int:
    """The sign with which a run enters an effect: -1 for each of its letters that is low."""
    return prod(1 if letter in run else -1 for letter in word)


def yates(run: str) -> str:
    """A run as it is written: (1), a, b, ab."""
    return run.lower() or "(1)"


def as_fraction(name: str) -> Fraction:
    """The fraction of a name; UnknownNameError for another."""
    for known in _FRACTIONS:
        if name == known:
            return known
    raise UnknownNameError("fraction", name, _FRACTIONS, "choose from full, half")


def _words(letters: str) -> Iterable[str]:
    for order in range(1, len(letters) + 1):
        yield from map("".join, combinations(letters, order))
