"""Networks timed against the first of them, from their specs."""

from collections.abc import Mapping
from dataclasses import replace

import torch

from rexpand.latency.rounds import Call, Timing, interleaved, spread
from rexpand.latency.runtimes import Runtime
from rexpand.models import build, check_runs
from rexpand.spec import NetworkSpec

_ROUNDS, _MOST_ROUNDS = 9, 36  # of a comparison: at a time, and in all


def time_networks(
    specs: Mapping[str, NetworkSpec],
    runtime: Runtime,
    *,
    rounds: int = 15,
    batch_size: int = 1,
) -> tuple[Timing, ...]:
    """Milliseconds of a batch of each network, with its ratio to the first one.

    The networks have fresh weights; all are ready before the first is timed.
    """
    calls = prepared(specs, runtime, batch_size)
    return interleaved(calls, rounds=rounds, clock=runtime.clock)


def prepared(
    specs: Mapping[str, NetworkSpec], runtime: Runtime, batch_size: int = 1
) -> dict[str, Call]:
    """One call per network, ready to be timed."""
    calls: dict[str, Call] = {}
    for name, spec in specs.items():
        side = spec.resolution
        module = build(spec)
        check_runs(module, images=batch_size, resolution=side)
        images = torch.zeros(batch_size, spec.in_channels, side, side)
        calls[name] = runtime.prepared(module, images)
    return calls


def is_slower(
    spec: NetworkSpec, than: NetworkSpec, runtime: Runtime
) -> tuple[bool | None, Timing]:
    """Whether a network is slower than another; None where the timer cannot tell.

    Rounds are added until they have a verdict, or there are enough. The timing is that
    of all rounds.
    """
    calls = prepared({"than": than, "spec": spec}, runtime)
    ratios: list[float] = []
    while True:
        warm_up = 0 if ratios else 2
        _, timing = interleaved(
            calls, rounds=_ROUNDS, warm_up=warm_up, clock=runtime.clock
        )
        ratios += timing.ratios
        found = replace(timing, ratio=spread(ratios), ratios=tuple(ratios))
        if found.verdict is not None or len(ratios) >= _MOST_ROUNDS:
            return found.verdict, found
