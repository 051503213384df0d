"""rexpand designs the channel dimensions of efficient CNNs.

The names below load on first use. Costing, solving and sampling read without a framework;
`build`, `lint`, `search` and `train` load torch. The two last are packages, and functions too
(`rexpand.surface` says why):

    import rexpand

    spec = rexpand.solve("rexnet_100", rexpand.Budget(macs=300e6)).spec
    rexpand.build(spec)  # a torch.nn.Module
    rexpand.train("search_18", "quick", "digits", folder="runs/first").accuracy
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.advise.equal_cost import upgrade
    from rexpand.advise.lint import lint
    from rexpand.budget import Budget, Sample, Solution, sample, solve
    from rexpand.cost import Cost, cost_of, costs_of, part_costs
    from rexpand.models import build
    from rexpand.search.studies import search_channels as search
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
    from rexpand.train import train
    from rexpand.transfer import finetune

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
    "build",
    "cost_of",
    "costs_of",
    "finetune",
    "lint",
    "network",
    "part_costs",
    "read_network",
    "sample",
    "search",
    "solve",
    "train",
    "upgrade",
]

__version__ = "0.1.0"

__getattr__ = on_first_use(
    __name__,
    {
        "rexpand.advise.equal_cost": ("upgrade",),
        "rexpand.advise.lint": ("lint",),
        "rexpand.budget": ("Budget", "Sample", "Solution", "sample", "solve"),
        "rexpand.cost": ("Cost", "cost_of", "costs_of", "part_costs"),
        "rexpand.models": ("build",),
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
        "rexpand.transfer": ("finetune",),
    },
    rooms=("search", "train"),
)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
