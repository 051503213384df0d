"""The budget: upper bounds on what one image costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rexpand.allowed import check_fields
from rexpand.budget.latency import Latency
from rexpand.budget.order import risen
from rexpand.cost import Cost, check_priced, costs_of, detector_costs
from rexpand.errors import BudgetError, quoted
from rexpand.ranges import ELEMENTS, LATENCY_MS, MACS, PARAMS
from rexpand.size import Resolution
from rexpand.spec import DetectorSpec, NetworkSpec

Floats = NDArray[np.float64]
_UNITS = {
    "latency_ms": "ms of predicted latency",
    "memory_access": "elements of memory access",
}
_COUNTS = ("macs", "params")


@dataclass(frozen=True, kw_only=True)
class Prices:
    """What configurations cost in the terms of a budget, one number each.

    `latency_ms` is predicted, and None where no table was given.
    """

    macs: Floats
    params: Floats
    activations: Floats
    memory_access: Floats
    latency_ms: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Upper bounds on what one image costs, one or several.

    Multiply-accumulates and parameters are filled together. `activations` (elements of
    the outputs of convolutions and linear layers), `memory_access` (elements read and
    written) and latency are upper bounds besides: the tightest of all is filled.
    `latency_ms` bounds what `latency` predicts, a table of measured blocks:

        Budget(latency_ms=3, latency=measured_latency(table))

    With a `detector` the bounds are of it, on the network whose channels are free.
    """

    macs: Annotated[float, MACS] | None = None
    params: Annotated[float, PARAMS] | None = None
    activations: Annotated[float, ELEMENTS] | None = None
    memory_access: Annotated[float, ELEMENTS] | None = None
    latency_ms: Annotated[float, LATENCY_MS] | None = None
    latency: Latency | None = None
    detector: DetectorSpec | None = None

    def __post_init__(self) -> None:
        if not self.bounds:
            raise BudgetError(
                "the budget is empty; give macs, params or both, such as macs of 300M"
            )
        check_fields(self, BudgetError)
        if self.latency_ms is not None and self.latency is None:
            raise BudgetError(
                f"latency_ms is {self.latency_ms:g} without a latency table, which "
                "predicts it; give the table too"
            )
        if self.detector is not None:
            check_priced(self.detector)
            if self.latency is not None:
                raise BudgetError(
                    "a latency table has no parts of detectors; give macs or params"
                )

    @property
    def bounds(self) -> Mapping[str, float]:
        """The bounds that are set, by name."""
        pairs = (
            ("macs", self.macs),
            ("params", self.params),
            ("activations", self.activations),
            ("memory_access", self.memory_access),
            ("latency_ms", self.latency_ms),
        )
        return {name: bound for name, bound in pairs if bound is not None}

    @property
    def counts(self) -> tuple[str, ...]:
        """The names of the bounds that are filled together: macs, params."""
        return tuple(name for name in self.bounds if name in _COUNTS)

    def costs(self, spec: NetworkSpec, channels: ArrayLike) -> Cost:
        """Counts of configurations, of the network or of the detector on it."""
        if self.detector is None:
            return costs_of(spec, channels)
        return detector_costs(self.detector, spec, channels)

    def name(self, spec: NetworkSpec) -> str:
        """What has to keep to the bounds, as messages name it."""
        return spec.name if self.detector is None else self.detector.name

    def resolution(self, spec: NetworkSpec) -> Resolution:
        """The size of its images."""
        if self.detector is None:
            return spec.resolution
        return self.detector.architecture.least_side

    def prices(self, spec: NetworkSpec, channels: ArrayLike) -> Prices:
        """What configurations of a network cost; `channels` is (configurations, blocks)."""
        cost = self.costs(spec, channels)
        latency = None
        if self.latency is not None:
            latency = self.latency.predicted_ms(spec, channels)
        return Prices(
            macs=cost.macs,
            params=cost.params,
            activations=cost.activations,
            memory_access=cost.memory_access,
            latency_ms=latency,
        )

    def shares(self, prices: Prices | Cost) -> Floats:
        """Cost over bound, (bounds, configurations); at most 1 within the budget."""
        return np.array(
            [
                np.atleast_1d(getattr(prices, name)) / bound
                for name, bound in self.bounds.items()
            ]
        )

    def fill(self, prices: Prices | Cost) -> Floats:
        """Share of the tightest bound that each configuration uses, one number each."""
        return np.asarray(self.shares(prices).max(axis=0))


def check_of_network(budget: Budget) -> None:
    """Raise BudgetError for the budget of a detector, which `sample` alone can fill."""
    if isinstance(budget, Budget) and budget.detector is not None:
        raise BudgetError(
            f"the budget is of {budget.detector.name}, and channels are solved for "
            "networks; give a budget without a detector"
        )


def said(name: str, cost: float) -> str:
    """A cost as a message says it: 30,000,000 macs, 3.2 ms of predicted latency."""
    number = f"{cost:.4g}" if name == "latency_ms" else f"{cost:,.0f}"
    return f"{number} {_UNITS.get(name, name)}"


def check_reachable(spec: NetworkSpec, budget: Budget, multiple_of: int) -> None:
    """Raise BudgetError for a bound below the thinnest network of the family."""
    if not isinstance(budget, Budget):
        raise BudgetError(
            f"{quoted(budget)} is no budget; give bounds by name: Budget(macs=300e6)"
        )
    if budget.latency is not None:
        budget.latency.check_network(spec)
    # No spec is built for it: some kinds need more than one channel.
    (widths,) = risen(spec, np.full((1, spec.depth), multiple_of), multiple_of)
    least = budget.prices(spec, [widths])
    few = " to ".join(f"{width:.0f}" for width in dict.fromkeys(widths[[0, -1]]))
    for name, bound in budget.bounds.items():
        possible = float(getattr(least, name)[0])
        if possible > bound:
            is_params = name == "params"  # they are the same at every resolution
            size = "" if is_params else f" at {budget.resolution(spec)} px"
            smaller = "" if is_params else "lower the resolution, "
            raise BudgetError(
                f"{budget.name(spec)} needs at least {said(name, possible)}{size}, with blocks of "
                f"{few} channels; you allowed {said(name, bound).split()[0]}; raise the "
                f"{name.replace('_', ' ')}, {smaller}or pick a smaller network"
            )
    if budget.latency is not None and budget.latency_ms is not None:
        budget.latency.check_bound(budget.latency_ms)
