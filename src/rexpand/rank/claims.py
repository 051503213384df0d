"""The paper's claims about Figure 1, each a list of comparisons between two means.

A comparison is true if the difference has the claimed sign and exceeds its confidence
interval. A claim that names no dim_ratio is compared at each that was measured. What
follows from the comparisons is said in `verdicts`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from rexpand.rank.curves import Curves, Estimate, average

_DENSE, _DEPTHWISE = "inverted_bottleneck", "inverted_bottleneck_dw"
_BOTTLENECKS = (_DENSE, _DEPTHWISE)
_RECTIFIERS = ("relu", "relu6", "leaky_relu")
_SMALL = 0.5  # a dim_ratio up to here is small


class Cell(NamedTuple):
    """One comparison of a claim: where, and by how much it goes the claimed way.

    `dim_ratio` is None where the comparison is over several.
    """

    structure: str
    detail: str
    is_true: bool
    difference: float
    dim_ratio: float | None = None


Test = Callable[[Curves], Iterable[Cell]]


def _expansion_harms(curves: Curves) -> Iterable[Cell]:
    """The rank ratio at the smallest dim_ratio is below that at the largest."""
    for structure in curves.structures:
        for activation in curves.activations(structure):
            curve = [*curves.curve(structure, activation).values()]
            if len(curve) > 1:
                harm = curve[-1].mean - curve[0].mean
                yield Cell(structure, activation, curve[-1].exceeds(curve[0]), harm)


def _expansion_harms_bottlenecks_more(curves: Curves) -> Iterable[Cell]:
    """The nonlinear curves lose more from the largest to the smallest dim_ratio."""
    yield from _compared(curves, _mean_loss, sign=1)


def _expansion_harms_depthwise_more(curves: Curves) -> Iterable[Cell]:
    """Below dim_ratio 1 every nonlinear curve is lower in the depthwise bottleneck."""
    for activation in curves.activations(_DEPTHWISE):
        dense = curves.curve(_DENSE, activation)
        for ratio, depthwise in curves.curve(_DEPTHWISE, activation).items():
            if ratio in dense and ratio < 1:
                yield _above(_DEPTHWISE, activation, ratio, dense[ratio], depthwise)


def _nonlinearities_expand(curves: Curves) -> Iterable[Cell]:
    """At every dim_ratio every nonlinear curve is above the linear one."""
    for structure in curves.structures:
        linear = curves.curve(structure, "linear")
        for activation in curves.activations(structure):
            for ratio, curve in curves.curve(structure, activation).items():
                if ratio in linear:
                    yield _above(structure, activation, ratio, curve, linear[ratio])


def _most_at_small_dim_ratio(curves: Curves) -> Iterable[Cell]:
    """The mean gain over linear is larger up to dim_ratio 0.5 than above."""
    for structure in curves.structures:
        for activation in curves.activations(structure):
            gains = curves.gains(structure, activation)
            small = [gain for ratio, gain in gains.items() if ratio <= _SMALL]
            large = [gain for ratio, gain in gains.items() if ratio > _SMALL]
            if small and large:
                one, other = average(small), average(large)
                yield Cell(
                    structure, activation, one.exceeds(other), one.mean - other.mean
                )


def _elu_silu_beat_rectifiers(curves: Curves) -> Iterable[Cell]:
    """ELU and SiLU are each above ReLU, ReLU6 and LeakyReLU at small dim_ratios."""
    for structure in curves.structures:
        ranks = _small_ranks(curves, structure)
        for name in ("elu", "silu"):
            others = [ranks[each] for each in _RECTIFIERS if each in ranks]
            if name in ranks and others:
                best = max(others)
                is_true = ranks[name].exceeds(best)
                yield Cell(structure, name, is_true, ranks[name].mean - best.mean)


def _elu_silu_are_first(curves: Curves) -> Iterable[Cell]:
    """No other nonlinearity reaches the lower of ELU and SiLU at small dim_ratios."""
    for structure in curves.structures:
        ranks = _small_ranks(curves, structure)
        both = [ranks.pop(name) for name in ("elu", "silu") if name in ranks]
        if len(both) == 2 and ranks:
            lower, best = min(both), max(ranks.values())
            is_true = lower.exceeds(best)
            yield Cell(structure, "elu and silu", is_true, lower.mean - best.mean)


def _convolutions_gain_more(curves: Curves) -> Iterable[Cell]:
    """Nonlinearities add more to convolutions than to bottlenecks, over dim_ratios."""
    yield from _compared(curves, _mean_gain, sign=-1)


def _compared(
    curves: Curves, measure: Callable[[Curves, str], Estimate | None], sign: int
) -> Iterable[Cell]:
    """Bottlenecks against single convolutions: above them, or with sign -1 below."""
    for structure in _BOTTLENECKS:
        for convolution in ("conv1x1", "conv3x3"):
            pair = measure(curves, structure), measure(curves, convolution)
            upper, lower = pair[::sign]
            if upper and lower:
                yield Cell(
                    structure,
                    f"{convolution} next to it",
                    upper.exceeds(lower),
                    upper.mean - lower.mean,
                )


def _above(
    structure: str, activation: str, ratio: float, upper: Estimate, lower: Estimate
) -> Cell:
    difference = upper.mean - lower.mean
    return Cell(structure, activation, upper.exceeds(lower), difference, ratio)


def _mean_loss(curves: Curves, structure: str) -> Estimate | None:
    losses = []
    for activation in curves.activations(structure):
        curve = [*curves.curve(structure, activation).values()]
        if len(curve) > 1:
            first, last = curve[0], curve[-1]
            losses.append(Estimate(last.mean - first.mean, first.half + last.half))
    return average(losses) if losses else None


def _mean_gain(curves: Curves, structure: str) -> Estimate | None:
    gains = [
        gain
        for activation in curves.activations(structure)
        for gain in curves.gains(structure, activation).values()
    ]
    return average(gains) if gains else None


def _small_ranks(curves: Curves, structure: str) -> dict[str, Estimate]:
    """The mean rank of each nonlinearity over the small dim_ratios that all have."""
    found = {
        name: curves.curve(structure, name) for name in curves.activations(structure)
    }
    shared = [
        ratio
        for ratio in next(iter(found.values()), {})
        if ratio <= _SMALL and all(ratio in curve for curve in found.values())
    ]
    if not shared:
        return {}
    return {
        name: average([curve[ratio] for ratio in shared])
        for name, curve in found.items()
    }


# In the order of Section 3.2.
CLAIMS: Mapping[str, Test] = {
    "drastic expansion harms the rank": _expansion_harms,
    "expansion harms bottlenecks more than convolutions": (
        _expansion_harms_bottlenecks_more
    ),
    "expansion harms depthwise bottlenecks more than dense ones": (
        _expansion_harms_depthwise_more
    ),
    "nonlinearities expand the rank": _nonlinearities_expand,
    "they expand it most at small dim_ratios": _most_at_small_dim_ratio,
    "ELU and SiLU expand it more than the ReLUs": _elu_silu_beat_rectifiers,
    "ELU and SiLU expand it most of all": _elu_silu_are_first,
    "they expand convolutions more than bottlenecks": _convolutions_gain_more,
}
