"""RX010: the measured share of time that element-wise operators take (guideline 4)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from rexpand.advise.rules.rule import WHOLE, Observation, Rule, facts
from rexpand.advise.rules.subject import Subject
from rexpand.cost.operators import Layer

_ELEMENTWISE = frozenset(("activation", "add", "multiply", "elementwise", "softmax"))


def check(subject: Subject) -> Iterator[Observation]:
    """The network by the seconds of its layers, median of the rounds."""
    layers, rounds = subject.graph.layers, subject.rounds
    if not rounds or len(rounds[0]) != len(layers):
        return
    shares = sorted(_share(layers, seconds, _ELEMENTWISE) for seconds in rounds)
    if median(shares) > subject.thresholds.elementwise_share:
        yield _observation(subject, shares)


def _share(
    layers: Sequence[Layer], seconds: Sequence[float], kinds: frozenset[str]
) -> float:
    taken = zip(layers, seconds, strict=True)
    return sum(s for layer, s in taken if layer.kind in kinds) / sum(seconds)


def _observation(subject: Subject, shares: Sequence[float]) -> Observation:
    layers, rounds = subject.graph.layers, subject.rounds
    share, limit = median(shares), subject.thresholds.elementwise_share
    norms = median(_share(layers, each, frozenset(("norm",))) for each in rounds)
    total = median(map(sum, rounds))
    name, part = _slowest(layers, rounds)
    return Observation(
        layer=WHOLE,
        message=(
            f"element-wise operators take {share:.1%} of {1e3 * total:.1f} ms "
            f"({shares[0]:.1%} to {shares[-1]:.1%} in {len(shares)} rounds), above "
            f"{limit:.0%}"
        ),
        evidence=facts(
            share=share,
            share_low=shares[0],
            share_high=shares[-1],
            rounds=len(shares),
            limit=limit,
            norm_share=norms,
            milliseconds=1e3 * total,
            slowest=name,
            slowest_share=part / total,
        ),
        cost=(
            f"{1e3 * share * total:.1f} ms per image, {1e3 * part:.1f} of them in {name}; "
            f"norms, which folding removes, are {norms:.1%} besides"
        ),
        fix=(
            f"fewer calls of {name} on the widest maps, a cheaper activation where it is "
            "one, or an exported graph, whose runtime fuses them"
        ),
    )


def _slowest(
    layers: Sequence[Layer], rounds: Sequence[Sequence[float]]
) -> tuple[str, float]:
    """The element-wise function that takes longest in all, and its seconds."""
    spent: Counter[str] = Counter()
    for place, layer in enumerate(layers):
        if layer.kind in _ELEMENTWISE:
            seconds = median(each[place] for each in rounds)
            spent[layer.function] += seconds  # type: ignore[assignment]  # of floats
    name = max(spent, key=spent.__getitem__)
    return name, float(spent[name])


RULES = (
    Rule(
        id="RX010",
        name="elementwise-time",
        level="warning",
        summary="Element-wise operators take a large share of the measured time.",
        source="arXiv 1807.11164, guideline 4 and Table 4",
        check=check,
        needs="measure",
    ),
)
