"""Advice for any network: read it back as a spec, upgrade its channels, round them.

The names below load on first use: not all of them need torch.
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.advise.carry import Carried, carry_weights
    from rexpand.advise.equal_cost import Keep, Upgrade, upgrade
    from rexpand.advise.find import Found, find_inverted, find_spec
    from rexpand.advise.reading import read_module
    from rexpand.advise.rounding import (
        DIVISORS,
        Rounding,
        Roundings,
        RuntimeTimings,
        roundings,
        time_roundings,
    )

__all__ = [
    "DIVISORS",
    "Carried",
    "Found",
    "Keep",
    "Rounding",
    "Roundings",
    "RuntimeTimings",
    "Upgrade",
    "carry_weights",
    "find_inverted",
    "find_spec",
    "read_module",
    "roundings",
    "time_roundings",
    "upgrade",
]

__getattr__ = on_first_use(
    __name__,
    {
        "rexpand.advise.carry": ("Carried", "carry_weights"),
        "rexpand.advise.find": ("Found", "find_inverted", "find_spec"),
        "rexpand.advise.reading": ("read_module",),
        "rexpand.advise.rounding": (
            "DIVISORS",
            "Rounding",
            "Roundings",
            "RuntimeTimings",
            "roundings",
            "time_roundings",
        ),
        "rexpand.advise.equal_cost": ("Keep", "Upgrade", "upgrade"),
    },
)
