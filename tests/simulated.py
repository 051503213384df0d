"""A device whose latencies are known, with a clock that nothing else moves."""

from collections.abc import Callable

from torch import Tensor, nn

from rexpand.latency.rounds import Call
from rexpand.latency.runtimes import Runtime
from rexpand.models import Network
from rexpand.spec import NetworkSpec


class Simulated(Runtime):
    """A runtime that takes `latency(spec)` seconds per call."""

    name = "simulated"
    seconds = 0.0

    def __init__(self, latency: Callable[[NetworkSpec], float]) -> None:
        self._latency = latency
        self._now = 0.0

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        assert isinstance(module, Network)
        latency = self._latency(module.spec)

        def call() -> None:
            self._now += latency

        return call

    def clock(self) -> float:
        return self._now
