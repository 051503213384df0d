"""Channels in multiples: what each multiple costs, and the best choice of channels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from rexpand.budget import Budget, Nearest, nearest, relaxed_line
from rexpand.cost import Cost, cost_of
from rexpand.errors import BudgetError, SpecError
from rexpand.spec import FreeList, Linear, NetworkSpec, SpecLike, as_spec, fitted_line

if TYPE_CHECKING:
    from rexpand.latency.rounds import Timing
    from rexpand.latency.runtimes import Runtime

MULTIPLES = (1, 4, 8, 16, 32)
Target = Literal["line", "channels"]

_AGAIN = "again"
_ON_LINE = 1.0  # channels off their least-squares line: rounding alone does as much


@dataclass(frozen=True, kw_only=True)
class Rounding:
    """One multiple: the nearest network within the budget, and rounding block by block.

    `block_by_block` may exceed the budget: it is what rounding each width without the
    others gives, None where that is no network. `problem` says why there is none near,
    and the rest is then None.
    """

    multiple_of: int
    nearest: Nearest | None = None
    block_by_block: NetworkSpec | None = None
    block_by_block_cost: Cost | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Roundings:
    """A network in several multiples, and the widths that they are to come near.

    The `target` is a line where the network's channels are one, else the channels
    themselves; with a budget that is not the network's own, scaled to it.
    """

    spec: NetworkSpec
    cost: Cost
    budget: Budget
    target: Target
    widths: tuple[float, ...]
    rows: tuple[Rounding, ...]


@dataclass(frozen=True, kw_only=True)
class RuntimeTimings:
    """Latencies under a runtime: the network as it is, then in each multiple.

    `equals` are the same network again: timed twice, and where a multiple changes no
    width. Their ratios are 1 where the machine is quiet.
    """

    runtime: str
    timings: "tuple[Timing, ...]"
    equals: "tuple[Timing, ...]" = ()

    @property
    def apart(self) -> "tuple[Timing, ...]":
        """Equal networks that time apart, by a verdict of the rounds."""
        return tuple(each for each in self.equals if each.verdict != "no difference")

    @property
    def warning(self) -> str:
        """What that says about the machine; empty where it is quiet."""
        if not self.apart:
            return ""
        worst = max(self.apart, key=lambda each: abs(each.ratio.median - 1))
        return (
            f"under {self.runtime} the same network took {worst.ratio.median:.3f} times "
            "its own time, so this machine is not quiet and differences of that size "
            "mean nothing; stop other work and run it again"
        )


def roundings(
    spec: SpecLike,
    multiples: Sequence[int] = MULTIPLES,
    budget: Budget | None = None,
) -> Roundings:
    """The nearest configuration in each multiple, within the network's own macs.

    Channels are also multiples of what the blocks ask for, such as their groups. Above
    1, inner widths become multiples too. Raises BudgetError where no multiple has a
    network within the budget.
    """
    spec = as_spec(spec)
    for multiple_of in multiples:
        if multiple_of < 1:
            raise SpecError(
                f"multiple_of {multiple_of} is below 1; give 1, 4, 8, 16 or 32"
            )
    cost = cost_of(spec)
    within = budget or Budget(macs=cost.macs)
    target, widths = _target(spec, budget, within)
    rows = tuple(_rounding(spec, widths, within, each) for each in multiples)
    if all(row.nearest is None for row in rows):
        raise BudgetError(rows[0].problem)
    return Roundings(
        spec=spec,
        cost=cost,
        budget=within,
        target=target,
        widths=widths,
        rows=rows,
    )


def time_roundings(
    found: Roundings, runtime: "Runtime", *, rounds: int = 15
) -> RuntimeTimings:
    """Each nearest network timed against the one that was given, interleaved.

    The given one is timed twice, to show whether the machine is quiet.
    """
    from rexpand.latency.networks import time_networks

    specs = {found.spec.name: found.spec}
    for row in found.rows:
        if row.nearest:
            specs[str(row.multiple_of)] = row.nearest.spec
    specs[_AGAIN] = found.spec
    *timings, again = time_networks(specs, runtime, rounds=rounds)
    same = {
        str(row.multiple_of)
        for row in found.rows
        if row.nearest
        and (row.nearest.spec.channels, row.nearest.cost)
        == (found.spec.channels, found.cost)
    }
    return RuntimeTimings(
        runtime=runtime.name,
        timings=tuple(timings),
        equals=(*(each for each in timings if each.name in same), again),
    )


def _target(
    spec: NetworkSpec, budget: Budget | None, within: Budget
) -> tuple[Target, tuple[float, ...]]:
    """Whole widths are near a line, if the channels are one, or near the channels."""
    channels = tuple(float(width) for width in spec.channels)
    free = replace(spec, non_decreasing=False)
    if _is_line(channels):
        line = fitted_line(channels)
        rule = Linear(slope=line.slope, intercept=max(line.intercept, 0.0))
        return "line", relaxed_line(free, within, rule).widths(spec.depth)
    if budget is None:
        return "channels", channels
    heights = FreeList(heights=channels)
    return "channels", relaxed_line(free, within, heights).widths(spec.depth)


def _is_line(channels: Sequence[float]) -> bool:
    if len(channels) < 3:
        return False
    line = fitted_line(channels)
    off = max(abs(width - line.at(block)) for block, width in enumerate(channels))
    return off <= _ON_LINE and line.slope > 0


def _rounding(
    spec: NetworkSpec, widths: Sequence[float], budget: Budget, multiple_of: int
) -> Rounding:
    rounded = _also_rounded(spec, multiple_of)
    try:
        found = nearest(rounded, widths, budget, multiple_of=multiple_of)
    except (BudgetError, SpecError) as error:
        return Rounding(multiple_of=multiple_of, problem=str(error))
    alone = _block_by_block(rounded, widths, multiple_of)
    return Rounding(
        multiple_of=multiple_of,
        nearest=found,
        block_by_block=alone,
        block_by_block_cost=cost_of(alone) if alone else None,
    )


def _also_rounded(spec: NetworkSpec, multiple_of: int) -> NetworkSpec:
    """The network whose blocks round their inner widths to the multiple as well."""
    if multiple_of == 1:
        return spec
    blocks = (block.also_rounded(multiple_of) for block in spec.blocks)
    return replace(spec, blocks=tuple(blocks))


def _block_by_block(
    spec: NetworkSpec, widths: Sequence[float], multiple_of: int
) -> NetworkSpec | None:
    """Each width rounded by itself, if that is a network."""
    pairs = zip(widths, spec.channel_multiples(multiple_of), strict=True)
    try:
        return spec.with_channels(
            [max(step, step * round(width / step)) for width, step in pairs]
        )
    except SpecError:
        return None
