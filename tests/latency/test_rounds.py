"""Calls timed against each other: warm-up, rounds, ratios, more rounds where asked."""

import gc

from rexpand.latency.networks import compared
from rexpand.latency.rounds import Call, Timing, interleaved, warmed
from rexpand.spec import network
from simulated import Simulated


class Stopwatch:
    """A clock that only the calls move, so that no other process is in the times."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.order: list[str] = []

    def __call__(self) -> float:
        return self._seconds

    def call(self, *seconds: float, name: str = "") -> Call:
        """A call that takes these times in turn, the last one from then on."""
        left = list(seconds)

        def run() -> None:
            self.order.append(name)
            self._seconds += left.pop(0) if len(left) > 1 else left[0]

        return run


def test_every_round_runs_every_call_from_another_one_on() -> None:
    clock = Stopwatch()
    calls = {name: clock.call(0.25, name=name) for name in "abc"}

    interleaved(calls, rounds=3, clock=clock)

    # What takes a quarter of a second is run once per reading.
    assert clock.order[-9:] == [*"abc", *"bca", *"cab"]


def test_a_call_that_takes_twice_as_long_has_ratio_two() -> None:
    clock = Stopwatch()
    calls = {"short": clock.call(0.03125), "long": clock.call(0.0625)}

    first, second = interleaved(calls, rounds=15, clock=clock)

    # Powers of two: every sum and quotient is exact.
    assert first.ratio.median == 1
    assert second.ratio.median == second.ratio.least == second.ratio.most == 2
    assert second.latency_ms.median == 62.5
    assert second.readings_ms == (62.5,) * 15
    assert second.latency_ms.count == len(second.ratios) == 15
    assert (first.verdict, second.verdict) == ("no difference", "slower")


def test_a_call_is_warm_when_its_time_falls_no_more() -> None:
    clock = Stopwatch()
    # Compiles at first, then gets faster by an eighth from run to run, then stays.
    falling = [2.0, *(0.5 * 0.875**run for run in range(20)), 0.03125]

    usual = warmed(clock.call(*falling), clock)

    assert usual == 0.03125
    # Ten runs of the last time: five, and the five that they are compared with.
    assert len(clock.order) <= len(falling) + 10


def test_a_warm_up_ends_though_a_call_never_gets_steady() -> None:
    clock = Stopwatch()

    warmed(clock.call(*(1.0 - 0.01 * run for run in range(99))), clock)

    assert 10 <= clock() < 12


def test_rounds_are_added_until_they_suffice() -> None:
    clock, done = Stopwatch(), []

    def is_enough(timings: tuple[Timing, ...]) -> bool:
        return timings[0].latency_ms.count >= 10

    (found,) = interleaved(
        {"it": clock.call(0.25)},
        rounds=5,
        until=is_enough,
        most_rounds=100,
        clock=clock,
        on_round=lambda: done.append(1),
    )

    assert found.latency_ms.count == len(done) == 10


def test_rounds_end_at_the_limit() -> None:
    clock = Stopwatch()

    (found,) = interleaved(
        {"it": clock.call(0.25)},
        rounds=5,
        until=lambda timings: False,
        most_rounds=18,
        clock=clock,
    )

    assert found.latency_ms.count == 15


def test_garbage_is_not_collected_in_a_round() -> None:
    clock, seen = Stopwatch(), []
    call = clock.call(0.25)

    interleaved(
        {"it": call},
        rounds=2,
        clock=clock,
        on_round=lambda: seen.append(gc.isenabled()),
    )

    assert seen == [False, False]
    assert gc.isenabled()


def test_the_slower_network_is_told_whichever_is_named_first() -> None:
    one, other = network("mobilenetv2_035"), network("mobilenetv2_050")
    seconds = {"mobilenetv2_035": 0.02, "mobilenetv2_050": 0.08}
    device = Simulated(lambda spec: seconds[spec.name])

    assert compared(other, one, device).verdict == "slower"
    assert compared(one, other, device).verdict == "faster"
