"""Does a rank tell more of accuracy than counting params and macs does?"""

from collections.abc import Mapping
from math import sqrt

_COUNTS = {"params": "params", "macs": "macs"}
_RANKS = {"nuclear_norm": "the nuclear norm", "effective_rank": "the effective rank"}
_NORMAL = 1.96  # of a correlation of nothing, times 1 / sqrt(n - 1), for 95 %


def counting_finding(correlations: Mapping[str, float], networks: int) -> str:
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
    chance = _NORMAL / sqrt(networks - 1)
    said = words[first]
    return (
        f"{said[0].upper()}{said[1:]} orders these {networks:,} by accuracy better than "
        f"{words[second]} does ({correlations[first]:+.2f} against "
        f"{correlations[second]:+.2f}); of {networks:,}, chance alone reaches "
        f"±{chance:.2f} in one case of twenty."
    )
