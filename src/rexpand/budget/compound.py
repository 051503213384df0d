"""Width, depth and resolution together, as large as a budget allows.

Their proportions are those of compound scaling, so one number is sought: the largest phi
within every bound, negative for a budget below the network's own cost. Depth, channels
and sides grow in steps, and what a step leaves of the tightest bound, the width takes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.cost import Cost, PeakActivations, cost_of, peak_activations
from rexpand.errors import BudgetError, SpecError
from rexpand.ranges import MACS, PARAMS, PEAK_BYTES, VALUE_BYTES
from rexpand.spec import Compound, NetworkSpec, Scalable, Scaled

_MOST_STEPS = 24  # of phi in each direction: 2^24 times the macs
_HALVINGS = 16  # of a step of phi, and of a range of widths
_WIDER = 1.5  # a step of depth or of a side leaves less than this to the width
_NARROWER = 0.25  # of few blocks per stage, a step of depth may take this of the width


@dataclass(frozen=True, kw_only=True)
class ScaleBudget:
    """Upper bounds on macs, parameters and the peak of the activations, one or several.

    `peak_bytes` bounds the bytes of the maps alive together, in numbers of
    `value_bytes`; weights are not among them.
    """

    macs: Annotated[float, MACS] | None = None
    params: Annotated[float, PARAMS] | None = None
    peak_bytes: Annotated[float, PEAK_BYTES] | None = None
    value_bytes: Annotated[int, VALUE_BYTES] = 4

    def __post_init__(self) -> None:
        check_fields(self, BudgetError)
        if self.macs is None and self.params is None and self.peak_bytes is None:
            raise BudgetError(
                "the budget is empty; give macs, params or peak_bytes, one or several"
            )

    def shares(self, spec: NetworkSpec) -> dict[str, float]:
        """Cost over bound, by the name of each bound that is set."""
        cost, found = cost_of(spec), dict[str, float]()
        if self.macs is not None:
            found["macs"] = cost.macs / self.macs
        if self.params is not None:
            found["params"] = cost.params / self.params
        if self.peak_bytes is not None:
            peak = peak_activations(spec).bytes(self.value_bytes)
            found["peak_bytes"] = peak / self.peak_bytes
        return found

    def holds(self, spec: NetworkSpec) -> bool:
        """Whether a network is within every bound."""
        return max(self.shares(spec).values()) <= 1


@dataclass(frozen=True, kw_only=True)
class ScaleSolution:
    """A scaled network within a budget; `fill` is the share of the tightest bound."""

    scaled: Scaled
    cost: Cost
    peak: PeakActivations
    fill: float
    tightest: str


def scale_to(
    network: Scalable, compound: Compound, budget: ScaleBudget
) -> ScaleSolution:
    """The largest network of a compound rule within a budget.

    Raises BudgetError where the smallest one that the family can build is too large.
    """
    whole = _first_step(network, compound, budget)

    def at(part: float) -> Scaled:
        return network.at(compound, whole + part)

    fitting = _largest(at, 0.0, 1.0, budget)

    def wider(by: float) -> Scaled:
        return network.built(
            fitting.phi,
            width_mult=fitting.width_mult * by,
            depth_mult=fitting.depth_mult,
            resolution=fitting.resolution,
        )

    found = _largest(wider, 1.0, _WIDER, budget) if compound.beta > 1 else fitting
    shares = budget.shares(found.spec)
    tightest = max(shares, key=lambda name: shares[name])
    return ScaleSolution(
        scaled=found,
        cost=cost_of(found.spec),
        peak=peak_activations(found.spec),
        fill=shares[tightest],
        tightest=tightest,
    )


def filled(network: Scalable, scaled: Scaled, budget: ScaleBudget) -> Scaled:
    """A scaled network with the width that fills a budget at its depth and side.

    Raises BudgetError where that is less than a quarter of its own.
    """

    def wider(by: float) -> Scaled:
        return network.built(
            scaled.phi,
            width_mult=scaled.width_mult * by,
            depth_mult=scaled.depth_mult,
            resolution=scaled.resolution,
        )

    if not _holds(partial(wider, _NARROWER), budget):
        raise BudgetError(
            f"{network.source.label} at depth x{scaled.depth_mult:.4g} and "
            f"{scaled.resolution} pixels exceeds the budget even at a quarter of its "
            "width; give a network of more or wider blocks"
        )
    return _largest(wider, _NARROWER, _WIDER, budget)


def _first_step(network: Scalable, compound: Compound, budget: ScaleBudget) -> int:
    """The largest whole phi within the budget."""

    def holds(phi: int) -> bool:
        return _holds(lambda: network.at(compound, phi), budget)

    if holds(0):
        above = (phi for phi in range(1, _MOST_STEPS + 1) if not holds(phi))
        return next(above, _MOST_STEPS + 1) - 1
    smallest = network.at(compound, 0)
    for phi in range(-1, -_MOST_STEPS - 1, -1):
        try:
            smallest = network.at(compound, phi)
        except SpecError:
            break
        if budget.holds(smallest.spec):
            return phi
    share = max(budget.shares(smallest.spec).items(), key=lambda pair: pair[1])
    raise BudgetError(
        f"{network.source.label} at phi {smallest.phi:g} still takes {share[1]:.3g} times "
        f"the {share[0]} that are allowed; raise that bound, or pick a smaller network"
    )


def _holds(build: Callable[[], Scaled], budget: ScaleBudget) -> bool:
    """Whether a network can be built and is within the budget."""
    try:
        return budget.holds(build().spec)
    except SpecError:
        return False


def _largest(
    build: Callable[[float], Scaled], low: float, high: float, budget: ScaleBudget
) -> Scaled:
    """The largest within a budget, between one that holds and one that may not."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _holds(partial(build, middle), budget):
            low = middle
        else:
            high = middle
    return build(low)
