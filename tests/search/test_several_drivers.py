"""Drivers and servers of one study are killed, stopped, restarted and cut off for real.

Every trial ends once, and the study is that of one driver whom nobody disturbed: the same
weights to the bit, seed by seed.
"""

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from disturbing import kept, outcome
from postgresql import Line, Server
from warm.programs import Programs, Running

STUDY = shlex.split(
    "search run --data digits --network search_18 --macs 500k "
    "--trials 6 --seeds 2 --epochs 2 --train-subset 100"
)
LEASE = ("--lease", "2")
WEIGHTS, RECORD = "network.safetensors", "record.json"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads /proc"),
]


@pytest.fixture(scope="module")
def whole(programs: Programs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the study that one driver ran in a journal file, undisturbed."""
    folder = tmp_path_factory.mktemp("whole") / "study"
    programs.succeed(*STUDY, "--out", str(folder))
    return folder


@pytest.fixture
def url(postgresql: Server) -> str:
    return postgresql.new_database()


@pytest.fixture
def line(postgresql: Server) -> Iterator[Line]:
    made = Line(postgresql.port)
    yield made
    made.mend()
    made.close()


def start(programs: Programs, folder: Path, url: str, *more: str) -> Running:
    return programs.start(*STUDY, "--out", str(folder), "--storage", url, *more)


def wait_for(folder: Path, records: int, *drivers: Running) -> None:
    """Wait until a folder has so many finished trainings."""
    deadline = time.monotonic() + 120
    while len(kept(folder, RECORD)) < records:
        assert all(each.poll() is None for each in drivers), drivers[0].err
        assert time.monotonic() < deadline
        time.sleep(0.01)


def wait_to_read(text: str, driver: Running) -> None:
    """Wait until a driver has said something."""
    deadline = time.monotonic() + 120
    while text not in driver.err:
        assert driver.poll() is None, driver.err
        assert time.monotonic() < deadline, driver.err
        time.sleep(0.01)


def wait_until_at_work(folder: Path, driver: Running) -> None:
    """Wait until a training of a folder has begun."""
    while not kept(folder, "training.json"):
        assert driver.poll() is None, driver.err
        time.sleep(0.005)


def succeed(*drivers: Running) -> None:
    for driver in drivers:
        _, errors = driver.communicate(timeout=240)
        assert driver.returncode == 0, errors
        assert "Traceback" not in errors


def assert_undisturbed(whole: Path, *folders: Path) -> None:
    """The outcome and the weights are those of the undisturbed study."""
    for folder in folders:
        assert outcome(folder) == outcome(whole)
    expected = kept(whole, WEIGHTS)
    found = [kept(folder, WEIGHTS) for folder in folders]
    assert set().union(*found) == expected.keys()
    for weights in found:
        assert weights.items() <= expected.items()


def test_two_drivers_share_a_study(
    programs: Programs, whole: Path, url: str, tmp_path: Path
) -> None:
    folders = (tmp_path / "a/study", tmp_path / "b/study")

    succeed(*[start(programs, folder, url) for folder in folders])

    assert_undisturbed(whole, *folders)
    # Each training ran once.
    first, second = (kept(folder, WEIGHTS).keys() for folder in folders)
    assert not first & second
    assert first
    assert second


@pytest.mark.parametrize("names", [("a", "b"), ("a", "a")], ids=["own", "shared"])
def test_a_killed_drivers_trial_is_run_on_by_another(
    names: tuple[str, str], programs: Programs, whole: Path, url: str, tmp_path: Path
) -> None:
    folder, other = (tmp_path / name / "study" for name in names)
    killed = start(programs, folder, url, *LEASE)
    wait_for(folder, 1, killed)

    killed.kill()
    killed.wait()
    before = kept(folder, RECORD)
    heir = start(programs, other, url, *LEASE)
    succeed(heir)

    assert "which another driver left, goes on here" in heir.err
    assert_undisturbed(whole, *{folder, other})
    # A training that has a record in the folder is not run again.
    assert before.items() <= kept(folder, RECORD).items()


def test_a_stopped_driver_has_lost_its_trial_when_it_goes_on(
    programs: Programs, whole: Path, url: str, tmp_path: Path
) -> None:
    folder, other = tmp_path / "a/study", tmp_path / "b/study"
    stopped = start(programs, folder, url, *LEASE)
    wait_until_at_work(folder, stopped)

    stopped.send_signal(signal.SIGSTOP)
    succeed(start(programs, other, url, *LEASE))
    before = outcome(other)
    stopped.send_signal(signal.SIGCONT)
    succeed(stopped)

    # It ended its training, and did not report it.
    assert "went to another driver, which had not heard of this one" in stopped.err
    assert outcome(folder) == before
    assert_undisturbed(whole, folder, other)


def test_a_stopped_driver_in_a_shared_folder_is_not_disturbed(
    programs: Programs, whole: Path, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    stopped = start(programs, folder, url, *LEASE)
    wait_until_at_work(folder, stopped)

    stopped.send_signal(signal.SIGSTOP)
    other = start(programs, folder, url, *LEASE)
    # The lease is over: the other driver has the trial, and the stopped one its lock.
    wait_to_read("goes on here, once that one stops training it", other)
    stopped.send_signal(signal.SIGCONT)
    succeed(stopped, other)

    assert_undisturbed(whole, folder)


def test_a_restart_of_the_database_is_waited_for(
    programs: Programs, postgresql: Server, whole: Path, url: str, tmp_path: Path
) -> None:
    folders = (tmp_path / "a/study", tmp_path / "b/study")
    drivers = [start(programs, folder, url) for folder in folders]
    wait_for(folders[0], 1, *drivers)

    postgresql.stop()
    time.sleep(2)
    postgresql.start()
    succeed(*drivers)

    assert_undisturbed(whole, *folders)


def test_a_stopped_server_is_waited_for(
    programs: Programs, postgresql: Server, whole: Path, url: str, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    driver = start(programs, folder, url, *LEASE)
    wait_for(folder, 1, driver)

    postgresql.signal_all(signal.SIGSTOP)
    time.sleep(4)  # longer than the lease
    postgresql.signal_all(signal.SIGCONT)
    succeed(driver)

    assert_undisturbed(whole, folder)


def test_a_driver_that_is_cut_off_for_longer_than_its_lease_loses_its_trial(
    programs: Programs,
    postgresql: Server,
    line: Line,
    whole: Path,
    url: str,
    tmp_path: Path,
) -> None:
    folder, other = tmp_path / "a/study", tmp_path / "b/study"
    far = url.replace(str(postgresql.port), str(line.port))
    cut_off = start(programs, folder, far, *LEASE)
    wait_until_at_work(folder, cut_off)

    line.cut()
    near = start(programs, other, url, *LEASE)
    succeed(near)
    before = outcome(other)
    line.mend()
    succeed(cut_off)

    assert outcome(other) == before
    assert_undisturbed(whole, folder, other)


def test_a_partition_of_a_few_seconds_loses_nothing(
    programs: Programs,
    postgresql: Server,
    line: Line,
    whole: Path,
    url: str,
    tmp_path: Path,
) -> None:
    folders = (tmp_path / "a/study", tmp_path / "b/study")
    far = url.replace(str(postgresql.port), str(line.port))
    drivers = [start(programs, folders[0], far), start(programs, folders[1], url)]
    wait_for(folders[0], 1, *drivers)

    line.cut()
    time.sleep(3)
    line.mend()
    succeed(*drivers)

    assert_undisturbed(whole, *folders)
    first, second = (kept(folder, WEIGHTS).keys() for folder in folders)
    assert not first & second


_CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += 3600;
    return failed;
}

int gettimeofday(struct timeval *now, void *zone) {
    int (*real)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
    int failed = real(now, zone);
    now->tv_sec += 3600;
    return failed;
}

time_t time(time_t *where) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (where) *where = now.tv_sec;
    return now.tv_sec;
}
"""


def test_a_driver_whose_clock_is_an_hour_ahead_takes_no_trial_of_another(
    programs: Programs, whole: Path, url: str, tmp_path: Path
) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler, which makes a clock that is wrong")
    library = tmp_path / "clock.so"
    subprocess.run(
        [compiler, "-x", "c", "-", "-shared", "-fPIC", "-ldl", "-o", str(library)],
        input=_CLOCK,
        text=True,
        check=True,
    )
    wrong = {**os.environ, "LD_PRELOAD": str(library)}
    told = "import time; print(time.time())"
    asked = [sys.executable, "-c", told]
    ahead = float(subprocess.run(asked, env=wrong, capture_output=True).stdout)
    assert 3500 < ahead - time.time() < 3700

    folders = (tmp_path / "a/study", tmp_path / "b/study")
    right = start(programs, folders[0], url)
    wait_until_at_work(folders[0], right)
    command = [*STUDY, "--out", str(folders[1]), "--storage", url]
    fast = subprocess.run(
        [sys.executable, "-m", "rexpand", *command],
        env=wrong,
        capture_output=True,
        text=True,
    )
    succeed(right)

    assert fast.returncode == 0, fast.stderr
    assert_undisturbed(whole, *folders)
    # Neither took a trial that the other ran.
    first, second = (kept(folder, WEIGHTS).keys() for folder in folders)
    assert not first & second
