"""Latencies of networks, measured against each other on one machine."""

from dataclasses import dataclass
from typing import Literal

LatencyVerdict = Literal["faster", "slower", "no difference"]


@dataclass(frozen=True, kw_only=True)
class Steadiness:
    """How steady the machine was while it measured.

    `others` and `stolen` are shares of the time of the processors in use that went to
    other processes, and to other machines on the same hardware. `switches` counts per
    second how often the process was made to wait. `slowdown` is what a fixed loop took
    at the end, as times what it took at the beginning. `throttles` are stops because
    of heat, `stops` those by the control group's quota. What the system does not tell
    is None. `problems` says in words what is wrong.
    """

    seconds: float
    others: float | None
    stolen: float | None
    switches: float
    slowdown: float
    throttles: int | None
    stops: int | None
    is_throttled: bool
    is_noisy: bool
    problems: tuple[str, ...]
