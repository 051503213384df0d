"""The linear configuration of equal cost in place of a network's channels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Literal, get_args

from rexpand.advise.find import find_spec
from rexpand.advise.shortcuts import with_partial_shortcuts
from rexpand.budget import Budget, solve
from rexpand.cost import Cost, cost_of
from rexpand.errors import BudgetError, SpecError
from rexpand.spec import FittedLine, Linear, NetworkSpec, SpecLike, fitted_line

if TYPE_CHECKING:
    from rexpand.latency.rounds import Timing
    from rexpand.latency.runtimes import Runtime
    from rexpand.records import LatencyVerdict

Keep = Literal["macs", "params", "latency"]

_STEPS = 14  # of the search for a slope of equal latency
_FIRST_STEP = 1.25  # between slopes, until one is slower and one is not
_RESOLVED = 0.01  # of a slope: closer than that no timer tells them apart
_FINAL_ROUNDS = 31  # of the timing that is reported


@dataclass(frozen=True, kw_only=True)
class Upgrade:
    """A network before and after, with the line through each, and what was kept.

    `line` is the rule of the new channels, before rounding. With latency kept,
    `timings` are those of both, the ratio that of the new one to the old one.
    """

    before: NetworkSpec
    after: NetworkSpec
    keep: Keep
    line: Linear
    before_cost: Cost
    after_cost: Cost
    before_fit: FittedLine
    after_fit: FittedLine
    timings: "tuple[Timing, ...]" = ()


def upgrade(
    network: SpecLike,
    keep: Keep = "macs",
    *,
    multiple_of: int = 1,
    intercept: float | None = None,
    runtime: "Runtime | None" = None,
    on_slope: Callable[[float, float], None] = lambda slope, ratio: None,
) -> Upgrade:
    """Channels a i + b of the same macs, params or measured latency.

        upgrade("mobilenetv2_100", "params").after.channels
        upgrade("timm:efficientnet_b0").line

    The network is a spec or a name; a module of another make is read back as a spec.

    The intercept b is the network's first width unless one is given; stem, head and the
    inner widths' rules stay, identity shortcuts become partial ones. Macs and params
    are never exceeded, and filled to half a percent. Latency is measured under the
    `runtime`, the slope found by bisection; `on_slope` hears each slope and the ratio
    of its time to the network's. Raises SpecError for a network that is no
    inverted-residual one, BudgetError where no line has the cost.
    """
    spec = find_spec(network)
    if keep not in get_args(Keep):
        raise SpecError(
            f"keep '{keep}' is unknown; choose from {', '.join(get_args(Keep))}"
        )
    start = float(spec.channels[0]) if intercept is None else intercept
    rule = Linear(intercept=start)
    frame = replace(
        with_partial_shortcuts(spec), name=f"{spec.name}_linear", non_decreasing=False
    )
    timings: tuple[Timing, ...] = ()
    if keep == "latency":
        assert runtime is not None
        after, line, timings = _at_latency(
            spec, frame, rule, multiple_of, runtime, on_slope
        )
    else:
        budget = _budget(spec, keep)
        solution = solve(_rising(frame), budget, rule, multiple_of=multiple_of)
        after, line = solution.spec, replace(rule, slope=solution.relaxed.slope)
    return Upgrade(
        before=spec,
        after=after,
        keep=keep,
        line=line,
        before_cost=cost_of(spec),
        after_cost=cost_of(after),
        before_fit=fitted_line(spec.channels),
        after_fit=fitted_line(after.channels),
        timings=timings,
    )


def _budget(spec: NetworkSpec, keep: Keep) -> Budget:
    cost = cost_of(spec)
    return Budget(macs=cost.macs) if keep == "macs" else Budget(params=cost.params)


def _rising(frame: NetworkSpec) -> NetworkSpec:
    """The frame as a family that never narrows: flat channels to begin with."""
    flat = frame.with_channels([max(frame.channels)] * frame.depth)
    return replace(flat, non_decreasing=True)


def _at_latency(
    spec: NetworkSpec,
    frame: NetworkSpec,
    rule: Linear,
    multiple_of: int,
    runtime: "Runtime",
    on_slope: Callable[[float, float], None],
) -> "tuple[NetworkSpec, Linear, tuple[Timing, ...]]":
    """Bisect the slope on measured times, begun at that of equal macs.

    The bisection ends where the timer can no longer tell the two networks apart.
    """
    from rexpand.latency.networks import compared, time_networks

    rising = _rising(frame)

    def candidate(slope: float) -> NetworkSpec:
        line = replace(rule, slope=slope)
        return rising.with_channels(line.channels(spec.depth, multiple_of))

    def verdict(slope: float) -> "LatencyVerdict":
        timing = compared(candidate(slope), spec, runtime)
        on_slope(slope, timing.ratio.median)
        return timing.verdict

    begun = solve(rising, _budget(spec, "macs"), rule).relaxed.slope
    slope = _equally_fast(begun, verdict, spec)
    found = candidate(slope)
    pair = {"before": spec, "after": found}
    timings = time_networks(pair, runtime, rounds=_FINAL_ROUNDS)
    return found, replace(rule, slope=slope), timings


def _equally_fast(
    begun: float, verdict_at: "Callable[[float], LatencyVerdict]", spec: NetworkSpec
) -> float:
    """The slope that the timer cannot tell from the network, or else is not slower."""
    low, high, slope = 0.0, inf, begun
    for _ in range(_STEPS):
        verdict = verdict_at(slope)
        if verdict == "no difference":
            return slope
        is_slower = verdict == "slower"
        low, high = (low, slope) if is_slower else (slope, high)
        if high < inf and low > 0:
            if high - low < _RESOLVED * high:
                return low
            slope = (low + high) / 2
        else:
            slope = slope / _FIRST_STEP if is_slower else slope * _FIRST_STEP
    if low > 0:
        return low
    raise BudgetError(
        f"no line down to slope {high:.3g} is as fast as {spec.name} on this machine; "
        "give a smaller intercept"
    )
