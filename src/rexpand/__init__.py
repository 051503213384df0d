"""rexpand designs the channel dimensions of efficient CNNs.

The names below load on first use, and none of them loads torch: costing, solving and
sampling read without a framework. `rexpand.models`, `rexpand.train` and
`rexpand.search` are imported by their own names.
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.budget import Budget, Sample, Solution, sample, solve
    from rexpand.cost import Cost, cost_of, costs_of, part_costs
    from rexpand.spec import (
        FreeList,
        Linear,
        NetworkSpec,
        PiecewiseLinear,
        Source,
        Stagewise,
        network,
        read_network,
    )

__all__ = [
    "Budget",
    "Cost",
    "FreeList",
    "Linear",
    "NetworkSpec",
    "PiecewiseLinear",
    "Sample",
    "Solution",
    "Source",
    "Stagewise",
    "cost_of",
    "costs_of",
    "network",
    "part_costs",
    "read_network",
    "sample",
    "solve",
]

__version__ = "0.1.0"

__getattr__ = on_first_use(
    __name__,
    {
        "rexpand.budget": ("Budget", "Sample", "Solution", "sample", "solve"),
        "rexpand.cost": ("Cost", "cost_of", "costs_of", "part_costs"),
        "rexpand.spec": (
            "FreeList",
            "Linear",
            "NetworkSpec",
            "PiecewiseLinear",
            "Source",
            "Stagewise",
            "network",
            "read_network",
        ),
    },
)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
