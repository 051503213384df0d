"""Solving and sampling a budget, against drawing at random until it fits.

Claim: rexnet_100 is solved in 10 ms, for one bound, for two, and in multiples of 8; and
20,000 distinct configurations of its 16 blocks are drawn a second, all within 1 % below
398,370,392 macs, its own cost. Rejection draws each block's channels from 8 to 320,
costs them by the same closed form and keeps what lies within the same 1 %. Uniform
draws need not be in order, ours and the sorted ones are. A rejected draw's time counts
for those that are kept: seconds a draw over the acceptance rate of all rounds.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from interleave import Report, Timing, interleave, parser, quotient, ratio, stopwatch
from rexpand.budget import Budget, sample, solve
from rexpand.cost import costs_of
from rexpand.spec import NetworkSpec, network, parameterization_of

_BOUND = 398_370_392  # macs of rexnet_100
_TOLERANCE = 0.01
_OURS, _UNIFORM, _SORTED = "sample", "uniform draws", "sorted draws"


class _Rejection:
    """Draws `count` rows at a time, and remembers how many were within the budget."""

    def __init__(self, spec: NetworkSpec, count: int, in_order: bool) -> None:
        self._spec = spec
        self._shape = (count, spec.depth)
        self._in_order = in_order
        self._rng = np.random.default_rng(0)
        self.drawn = self.accepted = 0

    def __call__(self) -> None:
        rows = self._rng.integers(8, 321, self._shape)
        if self._in_order:
            rows.sort(axis=1)
        self.drawn += len(rows)
        self.accepted += int(_within(self._spec, rows).sum())

    @property
    def rate(self) -> float:
        """Share accepted; if none was, the most it may be (rule of three, 95 %)."""
        return max(self.accepted, 3) / self.drawn


def main() -> None:
    options = parser(__doc__, rounds=9).parse_args()
    report = Report(__file__, options, ("numpy",))
    spec = network("rexnet_100")
    _solve(report, spec)
    _sample(report, spec, 200 if options.smoke else 20_000)
    report.close()


def _solve(report: Report, spec: NetworkSpec) -> None:
    line = parameterization_of(spec, "linear")
    one, two = Budget(macs=400e6), Budget(macs=400e6, params=4.8e6)
    calls: dict[str, Callable[[], object]] = {
        "solve, one bound": partial(solve, spec, one, line),
        "solve, two bounds": partial(solve, spec, two, line),
        "solve, one bound, multiple of 8": partial(
            solve, spec, one, line, multiple_of=8
        ),
    }
    rivals = {name: stopwatch(call) for name, call in calls.items()}
    timings = interleave(rivals, report.rounds)
    report.timings(timings.values())
    slowest = max(timing.median for timing in timings.values())
    report.finding(
        "slowest_solve", slowest, f"slowest: {1e3 * slowest:.2f} ms; target 10 ms\n"
    )


def _sample(report: Report, spec: NetworkSpec, count: int) -> None:
    """`count` configurations a call by us, ten times as many draws by rejection."""
    budget = Budget(macs=_BOUND)
    rejections = {
        _UNIFORM: _Rejection(spec, 10 * count, in_order=False),
        _SORTED: _Rejection(spec, 10 * count, in_order=True),
    }
    draw = partial(sample, spec, budget, count, seed=0, tolerance=_TOLERANCE)
    rivals = {name: stopwatch(call) for name, call in rejections.items()}
    timings = interleave({_OURS: stopwatch(draw), **rivals}, report.rounds)
    accepted = {_OURS: timings[_OURS].per(count, f"{_OURS}, a configuration")}
    for name, rejection in rejections.items():
        kept = rejection.rate * 10 * count
        accepted[name] = timings[name].per(kept, f"{name}, an accepted one")
    report.timings(accepted.values())
    report.ratios(
        [ratio(accepted[name], accepted[_OURS]) for name in (_UNIFORM, _SORTED)]
    )
    _print_rates(report, accepted, rejections)

    rows = draw().channels
    share = 100 * float(_within(spec, rows).mean())
    distinct = len(np.unique(rows, axis=0))
    line = f"{distinct:,} of {count:,} distinct, {share:g} % within 1 %; target 100 %"
    report.finding("share_within", share, line)


def _print_rates(
    report: Report, accepted: dict[str, Timing], rejections: dict[str, _Rejection]
) -> None:
    rates = {name: 1 / timing.median for name, timing in accepted.items()}
    ours = f"{rates[_OURS]:,.0f} configurations a second; target 20,000"
    report.finding(_OURS, rates[_OURS], ours)
    for name, rejection in rejections.items():
        most = "" if rejection.accepted else "at most "
        line = (
            f"{name}: {most}{quotient(rates[name])} accepted a second; "
            f"{rejection.accepted:,} of {rejection.drawn:,} accepted"
        )
        counts = {"drawn": rejection.drawn, "accepted": rejection.accepted}
        report.finding(name, {"a_second": rates[name], **counts}, line)


def _within(spec: NetworkSpec, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    share = costs_of(spec, rows).macs / _BOUND
    return (share <= 1) & (share >= 1 - _TOLERANCE)


if __name__ == "__main__":
    main()
