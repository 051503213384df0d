"""rexpand designs the channel dimensions of efficient CNNs.

The names below load on first use, and none of them loads torch: pricing, solving and
sampling read without a framework. `rexpand.models`, `rexpand.train` and
`rexpand.search` are imported by their own names.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rexpand.budget import Budget, Sample, Solution, sample, solve
    from rexpand.cost import Cost, price, price_many, price_parts
    from rexpand.spec import (
        FreeList,
        Linear,
        NetworkSpec,
        PiecewiseLinear,
        Stagewise,
        find_network,
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
    "Stagewise",
    "find_network",
    "network",
    "price",
    "price_many",
    "price_parts",
    "read_network",
    "sample",
    "solve",
]

__version__ = "0.1.0"

_ROOMS = {
    "rexpand.budget": ("Budget", "Sample", "Solution", "sample", "solve"),
    "rexpand.cost": ("Cost", "price", "price_many", "price_parts"),
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'rexpand' has no attribute '{name}'")
    rooms = (room for room, names in _ROOMS.items() if name in names)
    return getattr(import_module(next(rooms, "rexpand.spec")), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
