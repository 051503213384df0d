"""The counts of the counters in use for the same network, and why they differ.

Papers print "FLOPs" and mean multiply-accumulates of convolutions and linear layers;
each tool counts other operators too, and misses some. The rules of `counters.py` give
what a tool counts for one operator as it ran, so one pass gives every tool's number;
`tests/trace/test_conventions.py` compares them with the tools.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rexpand.cost.counters import COUNTERS, Rule, papers
from rexpand.cost.operators import Layer


@dataclass(frozen=True, kw_only=True)
class Term:
    """One reason why a count is not the papers'; negative for what is not counted."""

    reason: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Counted:
    """A network's count by one convention: the papers' count plus the terms."""

    name: str
    count: int
    terms: tuple[Term, ...]


def conventions(layers: Sequence[Layer]) -> tuple[Counted, ...]:
    """The count of a network by every convention, the papers' first.

    `layers` are those of a `Graph`, as they ran.
    """
    return tuple(_counted(name, rule, layers) for name, rule in COUNTERS.items())


def _counted(name: str, rule: Rule, layers: Sequence[Layer]) -> Counted:
    gaps: Counter[str] = Counter()
    base = 0
    for layer in layers:
        owed = papers(layer)
        base += owed
        for share in rule(layer):
            if share.is_product and owed:
                owed -= share.count
            else:
                gaps[share.reason] += share.count
        if owed:
            gaps[f"{_noun(layer)} that it does not count"] -= owed
    terms = (Term(reason=reason, count=gap) for reason, gap in gaps.items() if gap)
    return Counted(
        name=name,
        count=base + sum(gaps.values()),
        terms=tuple(sorted(terms, key=lambda term: -abs(term.count))),
    )


def _noun(layer: Layer) -> str:
    """The kind with its class: a counter may know Conv2d, but not Conv2dSame."""
    what = "convolutions" if layer.kind == "convolution" else "linear layers"
    return f"{what} of class {layer.module.rpartition('.')[2]}"
