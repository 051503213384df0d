"""The budget: upper bounds on what one image costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from rexpand.allowed import check_fields
from rexpand.budget.order import risen
from rexpand.cost import Cost, costs_of
from rexpand.errors import BudgetError, quoted
from rexpand.ranges import MACS, PARAMS
from rexpand.spec import NetworkSpec

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Upper bounds on multiply-accumulates and on parameters, one or both."""

    macs: Annotated[float, MACS] | None = None
    params: Annotated[float, PARAMS] | None = None

    def __post_init__(self) -> None:
        if not self.bounds:
            raise BudgetError(
                "the budget is empty; give macs, params or both, such as macs of 300M"
            )
        check_fields(self, BudgetError)

    @property
    def bounds(self) -> Mapping[str, float]:
        """The bounds that are set, by name."""
        pairs = (("macs", self.macs), ("params", self.params))
        return {name: bound for name, bound in pairs if bound is not None}

    def shares(self, cost: Cost) -> Floats:
        """Cost over bound, (bounds, configurations); at most 1 within the budget."""
        return np.array(
            [
                np.atleast_1d(getattr(cost, name)) / bound
                for name, bound in self.bounds.items()
            ]
        )

    def fill(self, cost: Cost) -> Floats:
        """Share of the tightest bound that each configuration uses, one number each."""
        return np.asarray(self.shares(cost).max(axis=0))


def check_reachable(spec: NetworkSpec, budget: Budget, multiple_of: int) -> None:
    """Raise BudgetError for a bound below the thinnest network of the family."""
    if not isinstance(budget, Budget):
        raise BudgetError(
            f"{quoted(budget)} is no budget; give bounds by name: Budget(macs=300e6)"
        )
    # No spec is built for it: some kinds need more than one channel.
    (widths,) = risen(spec, np.full((1, spec.depth), multiple_of), multiple_of)
    least = costs_of(spec, [widths])
    few = " to ".join(f"{width:.0f}" for width in dict.fromkeys(widths[[0, -1]]))
    for name, bound in budget.bounds.items():
        possible = int(getattr(least, name)[0])
        if possible > bound:
            is_macs = name == "macs"  # params are the same at every resolution
            size = f" at {spec.resolution} px" if is_macs else ""
            smaller = "lower the resolution, " if is_macs else ""
            raise BudgetError(
                f"{spec.name} needs at least {possible:,} {name}{size}, with blocks of "
                f"{few} channels; you allowed {bound:,.0f}; raise the {name}, {smaller}or "
                "pick a smaller network"
            )
