"""How long networks take here, timed against each other under each runtime.

The names below load on first use: not all of them need torch.
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.latency.networks import is_slower, time_networks
    from rexpand.latency.rounds import Spread, Timing, interleaved, spread
    from rexpand.latency.runtimes import RUNTIMES, Runtime, find_runtimes, installed

__all__ = [
    "RUNTIMES",
    "Runtime",
    "Spread",
    "Timing",
    "find_runtimes",
    "installed",
    "interleaved",
    "is_slower",
    "spread",
    "time_networks",
]

__getattr__ = on_first_use(
    __name__,
    {
        "rexpand.latency.networks": ("is_slower", "time_networks"),
        "rexpand.latency.runtimes": (
            "RUNTIMES",
            "Runtime",
            "find_runtimes",
            "installed",
        ),
        "rexpand.latency.rounds": ("Spread", "Timing", "interleaved", "spread"),
    },
)
