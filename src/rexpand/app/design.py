"""A network under somebody's hands: what a drag does to its channels.

Values in, values out. A drag of some blocks moves them, and pushes the others out of the
way where the family forbids channels that decrease. Where a budget is held, the solver
answers for the rest of the network.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from rexpand.budget import Budget, fill_around, solve, solve_intercept
from rexpand.budget.order import risen
from rexpand.errors import SpecError
from rexpand.spec import Linear, NetworkSpec, fitted_line, stages_of

MOST_BARS = 32  # more are too thin for a finger
MOST_BLOCKS = 1_000  # a drag of more would not answer in time

Held = Literal["nothing", "macs", "params"]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Neighbouring blocks that are dragged as one, counted from 0; most bars have one."""

    first: int
    last: int

    @property
    def blocks(self) -> range:
        """The blocks of the bar."""
        return range(self.first, self.last + 1)


def bars(spec: NetworkSpec) -> tuple[Bar, ...]:
    """A bar for each block; for each stage, or some of them, of a deep network.

    Raises SpecError for a network that is too deep to be dragged.
    """
    check_depth(spec)
    if spec.depth <= MOST_BARS:
        return tuple(Bar(first=block, last=block) for block in range(spec.depth))
    ends = np.cumsum(stages_of(spec).repeats)
    if len(ends) > MOST_BARS:
        ends = np.linspace(0, spec.depth, MOST_BARS + 1).astype(int)[1:]
    return tuple(
        Bar(first=int(first), last=int(end) - 1) for first, end in pairwise([0, *ends])
    )


def check_depth(spec: NetworkSpec) -> None:
    """Raise SpecError for a network that is too deep to be dragged."""
    if spec.depth > MOST_BLOCKS:
        raise SpecError(
            f"{spec.name} has {spec.depth:,} blocks, and the explorer answers a drag in "
            f"time up to {MOST_BLOCKS:,}; `rexpand cost NETWORK --blocks` lists them"
        )


def budget_of(held: Held, bound: float) -> Budget | None:
    """The budget that is held: of macs, of params, or none.

    Raises BudgetError for a bound that is no number of macs or params.
    """
    match held:
        case "nothing":
            return None
        case "macs":
            return Budget(macs=bound)
        case "params":
            return Budget(params=bound)


def drag_bar(
    spec: NetworkSpec, bar: Bar, width: int, budget: Budget | None = None
) -> NetworkSpec:
    """The network after a drag of a bar, whose last block then has `width` channels.

    Raises BudgetError if no network with it is within the budget.
    """
    channels = _pushed(spec, bar, width)
    if budget is None:
        return spec.with_channels(channels)
    return fill_around(spec, channels, bar.blocks, budget)


def drag_intercept(
    spec: NetworkSpec, slope: float, intercept: float, budget: Budget | None = None
) -> NetworkSpec:
    """The network on the line of an intercept; a budget gives the slope.

    Raises BudgetError for an intercept that exceeds the budget without any slope.
    """
    if budget is None:
        return on_line(spec, slope, intercept)
    multiple_of = spec.channel_multiple
    line = Linear(intercept=intercept)
    return solve(spec, budget, line, multiple_of=multiple_of).spec


def drag_slope(
    spec: NetworkSpec, slope: float, intercept: float, budget: Budget | None = None
) -> NetworkSpec:
    """The network on the line of a slope; a budget gives the intercept.

    Raises BudgetError for a slope that exceeds the budget from zero on.
    """
    if budget is None:
        return on_line(spec, slope, intercept)
    return solve_intercept(spec, budget, slope)


def on_line(spec: NetworkSpec, slope: float, intercept: float) -> NetworkSpec:
    """The network with channels c_i = slope i + intercept, in whole multiples."""
    multiple_of = spec.channel_multiple
    line = Linear(slope=slope, intercept=intercept)
    row = line.channels(spec.depth, multiple_of)
    return spec.with_channels(_integers(risen(spec, np.array([row]), multiple_of)[0]))


def fill_budget(spec: NetworkSpec, budget: Budget | None) -> NetworkSpec:
    """The network with all blocks scaled alike, so that it fills the budget."""
    if budget is None:
        return spec
    return fill_around(spec, spec.channels, range(0), budget)


def line_of(spec: NetworkSpec) -> Linear:
    """The least-squares line of the channels; one block has no slope."""
    if spec.depth < 2:
        return Linear(slope=0.0, intercept=float(spec.channels[0]))
    found = fitted_line(spec.channels)
    return Linear(slope=found.slope, intercept=found.intercept)


def renamed(spec: NetworkSpec, start: NetworkSpec) -> NetworkSpec:
    """A network that is not what it started from has another name: no weights fit it."""
    if spec.channels == start.channels:
        return start
    return replace(spec, name=f"{start.name}_explored")


def _pushed(spec: NetworkSpec, bar: Bar, width: int) -> tuple[int, ...]:
    """The channels with the bar's blocks scaled, and the others out of their way."""
    step = spec.channel_multiple
    channels = list(spec.channels)
    for block in bar.blocks:
        scaled = width * spec.channels[block] / spec.channels[bar.last]
        channels[block] = max(1, round(scaled / step)) * step
    for block in reversed(range(bar.first)):
        most = channels[block + 1]
        if spec.blocks[block + 1].keeps_input:
            most -= step
        elif not spec.non_decreasing:
            break
        channels[block] = min(channels[block], max(most // step, 1) * step)
    return _integers(risen(spec, np.array([channels]), step)[0])


def _integers(row: Iterable[float]) -> tuple[int, ...]:
    return tuple(int(width) for width in row)
