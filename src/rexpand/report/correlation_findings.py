"""Rank correlations with accuracy beside what chance alone gives.

Does a rank tell more of accuracy than counting params and macs does?
"""

from collections.abc import Mapping
from math import sqrt

from rexpand.report import formats, markup

_COUNTS = {"params": "params", "macs": "macs"}
_RANKS = {"nuclear_norm": "the nuclear norm", "effective_rank": "the effective rank"}
_NORMAL = 1.96  # of a correlation of nothing, times 1 / sqrt(n - 1), for 95 %


def chance_level(networks: int) -> float:
    """The size that one in twenty correlations of unrelated values exceeds."""
    return min(1.0, _NORMAL / sqrt(networks - 1)) if networks > 1 else 1.0


def correlations_section(
    correlations: Mapping[str, float], networks: int, noun: str, word: str = "accuracy"
) -> str:
    """Each correlation beside the level of chance; empty where there are none.

    `noun` is what was correlated: one `trial` or `training` per value; `word` with what.
    """
    if not correlations:
        return ""
    chance = chance_level(networks)
    values = {
        name.replace("_", " "): f"{value:+.2f}, {_against(value, chance)}"
        for name, value in correlations.items()
    }
    note = (
        f"Spearman's, over {formats.plural(networks, noun)}, from -1 to +1. Of values "
        f"that have nothing to do with {word}, one in twenty exceeds ±{chance:.2f}."
    )
    body = markup.definitions(values) + markup.paragraph(note, "note")
    if found := counting_finding(correlations, networks, word):
        body += markup.paragraph(found)
    return markup.section(f"Rank correlation with {word}", body, "correlations")


def counting_finding(
    correlations: Mapping[str, float], networks: int, word: str = "accuracy"
) -> str:
    """The best count against the best rank, and what chance alone gives.

    Empty where one of the two was not measured.
    """
    counts = {n: correlations[n] for n in _COUNTS if n in correlations}
    ranks = {n: correlations[n] for n in _RANKS if n in correlations}
    if not counts or not ranks or networks < 3:
        return ""
    count = max(counts, key=lambda name: abs(counts[name]))
    rank = max(ranks, key=lambda name: abs(ranks[name]))
    better = abs(counts[count]) >= abs(ranks[rank])
    first, second = (count, rank) if better else (rank, count)
    words = {**{n: f"counting {w}" for n, w in _COUNTS.items()}, **_RANKS}
    chance = chance_level(networks)
    if max(abs(correlations[first]), abs(correlations[second])) <= chance:
        return (
            f"Neither {words[first]} nor {words[second]} orders these {networks:,} by "
            f"{word} better than chance would ({correlations[first]:+.2f} and "
            f"{correlations[second]:+.2f}; chance ±{chance:.2f})."
        )
    said = words[first]
    return (
        f"{said[0].upper()}{said[1:]} orders these {networks:,} by {word} better than "
        f"{words[second]} does ({correlations[first]:+.2f} against "
        f"{correlations[second]:+.2f}; chance ±{chance:.2f})."
    )


def _against(value: float, chance: float) -> str:
    return "within chance" if abs(value) <= chance else f"chance ±{chance:.2f}"
