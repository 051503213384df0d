"""Networks timed against the first of them, from their specs."""

from collections.abc import Mapping

import torch

from rexpand.latency.rounds import Call, Timing, interleaved
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
        module = build(spec)
        check_runs(module, images=batch_size, resolution=spec.resolution)
        images = torch.zeros(batch_size, *spec.image)
        calls[name] = runtime.prepared(module, images)
    return calls


def compared(spec: NetworkSpec, than: NetworkSpec, runtime: Runtime) -> Timing:
    """A network timed against another.

    Rounds are added until it is faster or slower, or there are enough.
    """
    calls = prepared({"than": than, "spec": spec}, runtime)
    _, timing = interleaved(
        calls,
        rounds=_ROUNDS,
        until=lambda timings: timings[1].verdict != "no difference",
        most_rounds=_MOST_ROUNDS,
        clock=runtime.clock,
    )
    return timing
