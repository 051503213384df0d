"""Calls timed against each other: rounds, ratios, and verdicts that can be trusted."""

from time import sleep

from rexpand.latency.networks import is_slower
from rexpand.latency.rounds import Call, interleaved, spread
from rexpand.spec import network
from simulated import Simulated


def test_every_round_runs_every_call_from_another_one_on() -> None:
    order: list[str] = []

    def call(name: str) -> Call:
        def run() -> None:
            order.append(name)
            sleep(0.02)

        return run

    interleaved({name: call(name) for name in "abc"}, rounds=3, warm_up=0)

    assert order[3:] == [*"abc", *"bca", *"cab"]


class Stopwatch:
    """A clock that only the calls move, so that no other process is in the times."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def __call__(self) -> float:
        return self._seconds

    def call(self, seconds: float) -> Call:
        def run() -> None:
            self._seconds += seconds

        return run


def test_a_call_that_takes_twice_as_long_has_ratio_two() -> None:
    clock = Stopwatch()
    calls = {"short": clock.call(0.03125), "long": clock.call(0.0625)}

    first, second = interleaved(calls, rounds=5, warm_up=0, clock=clock)

    # Powers of two: every sum and quotient is exact.
    assert first.ratio.median == 1
    assert second.ratio.median == 2
    assert second.latency_ms.median == 62.5
    assert second.latency_ms.count == len(second.ratios) == 5


def test_a_spread_is_median_and_quartiles() -> None:
    found = spread([1.0, 2.0, 3.0, 4.0, 5.0])

    assert (found.low, found.median, found.high, found.count) == (2, 3, 4, 5)
    assert spread([7.0]).low == 7


def test_the_slower_network_is_told_whichever_is_named_first() -> None:
    one, other = network("mobilenetv2_035"), network("mobilenetv2_050")
    seconds = {"mobilenetv2_035": 0.02, "mobilenetv2_050": 0.08}
    device = Simulated(lambda spec: seconds[spec.name])

    assert is_slower(other, one, device)[0] is True
    assert is_slower(one, other, device)[0] is False
