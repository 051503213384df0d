"""Whether a machine was steady: what counts and loops say of it."""

from pathlib import Path

import pytest

from rexpand.errors import MistakeError
from rexpand.latency.energy import find_counter
from rexpand.latency.fingerprint import fingerprint
from rexpand.latency.pinning import pinned, processors
from rexpand.latency.rounds import Timing
from rexpand.latency.steadiness import Snapshot, judged, snapshot

BEFORE = Snapshot(at=0.0, own=0.0, busy=0.0, stolen=0.0, throttles=0, stops=0)


def timing(*readings: float) -> Timing:
    return Timing(name="it", readings_ms=readings, ratios=readings)


def test_a_quiet_machine_has_no_problems() -> None:
    after = Snapshot(at=10.0, own=19.0, busy=19.5, stolen=0.0, throttles=0, stops=0)

    found = judged(BEFORE, after, [0.002] * 9, [timing(1.0, 1.01, 1.02)], 2)

    assert not found.problems
    assert not found.is_throttled
    assert not found.is_disturbed
    # Half a second of the twenty that two processors had.
    assert found.others == pytest.approx(0.025)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (Snapshot(at=10.0, own=5.0, busy=15.0), "other processes used 50 %"),
        (Snapshot(at=10.0, own=5.0, stolen=2.0), "other machines on this hardware"),
    ],
)
def test_neighbours_are_told_of(after: Snapshot, words: str) -> None:
    found = judged(BEFORE, after, [], [], 2)

    assert found.problems[0].startswith(words)
    assert (found.is_disturbed, found.is_throttled) == (True, False)


@pytest.mark.parametrize(
    ("after", "loops", "words"),
    [
        (Snapshot(at=9.0, own=9.0), [2.0] * 6 + [2.5] * 3, "the clock changed"),
        (Snapshot(at=9.0, own=9.0, throttles=3), [], "was throttled 3 times"),
        (Snapshot(at=9.0, own=9.0, stops=4), [], "quota stopped this process 4 times"),
    ],
)
def test_a_throttled_clock_is_told_of(
    after: Snapshot, loops: list[float], words: str
) -> None:
    found = judged(BEFORE, after, loops, [], 1)

    assert words in found.problems[0]
    assert (found.is_disturbed, found.is_throttled) == (False, True)


def test_readings_that_scatter_are_told_of() -> None:
    found = judged(BEFORE, Snapshot(at=9.0, own=9.0), [], [timing(1.0, 1.5, 2.0)], 1)

    assert found.problems == ("half of the readings of a network lie 33 % apart",)


def test_what_the_system_does_not_tell_is_none(tmp_path: Path) -> None:
    found = snapshot(tmp_path)

    assert (found.busy, found.stolen, found.throttles, found.stops) == (None,) * 4
    assert fingerprint(tmp_path).governor is None
    assert find_counter("cpu", tmp_path) is None


def test_energy_goes_on_where_its_counter_starts_again(tmp_path: Path) -> None:
    package = tmp_path / "intel-rapl:0"
    package.mkdir()
    (package / "max_energy_range_uj").write_text("1000000")
    (package / "energy_uj").write_text("900000")
    joules = find_counter("cpu", tmp_path)
    assert joules

    (package / "energy_uj").write_text("100000")

    assert joules() == pytest.approx(0.2)


def test_a_pinned_process_uses_as_many_processors_as_threads() -> None:
    before = processors()

    with pinned(1):
        within = processors()

    assert len(within) == 1
    assert processors() == before
    with pytest.raises(MistakeError, match="give at most"), pinned(len(before) + 1):
        pass
