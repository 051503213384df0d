"""A worker may die at any moment, and none outlives its driver."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chores import Chore, do
from rexpand.errors import MemoryExceededError, RunError, UnknownNameError
from rexpand.workers import Pool, processes

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
HERE = f"import sys; sys.path[:] = {sys.path!r}; "


@pytest.fixture
def pool() -> Iterator[Pool[Chore, str]]:
    with processes(1, do) as made:
        yield made


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_tasks_run_in_several_processes_at_a_time(tmp_path: Path) -> None:
    chores = [Chore(what="sleep", mark=tmp_path / name) for name in "abc"]

    with processes(3, do) as pool:
        futures = [pool.submit(chore) for chore in chores]
        found = [future.result() for future in futures]

    assert len({*found, str(os.getpid())}) == 4
    # Each future has the result of its own task.
    for chore, process in zip(chores, found, strict=True):
        assert chore.mark
        assert Path(f"{chore.mark}-{process}").exists()


def test_the_task_of_a_killed_worker_goes_to_a_fresh_one(tmp_path: Path) -> None:
    heard: list[tuple[object, ...]] = []
    chore = Chore(what="die once", mark=tmp_path / "mark")

    with processes(1, do, died=lambda *what: heard.append(what)) as pool:
        first = pool.submit(Chore(what="rest")).result()
        second = pool.submit(chore).result()

    assert first != second
    assert heard == [(0, chore, "killed, perhaps for want of memory")]


def test_a_task_that_kills_three_workers_is_given_up(
    pool: Pool[Chore, str],
) -> None:
    deadly, harmless = pool.submit(Chore(what="die")), pool.submit(Chore(what="rest"))

    with pytest.raises(RunError, match=r"3 processes died at the chore die \(.*killed"):
        deadly.result()
    # The others are done all the same.
    assert harmless.result()


def test_a_task_whose_gpu_was_full_is_tried_again_by_a_fresh_process(
    tmp_path: Path,
) -> None:
    heard: list[tuple[object, ...]] = []
    chore = Chore(what="exceed once", mark=tmp_path / "mark")

    with processes(1, do, died=lambda *what: heard.append(what)) as pool:
        first = pool.submit(Chore(what="rest")).result()
        second = pool.submit(chore).result()

    # What the first one holds of the GPU is free then.
    assert first != second
    assert heard == [(0, chore, "the memory of its device did not suffice")]


def test_a_task_whose_gpu_stays_full_is_given_up(pool: Pool[Chore, str]) -> None:
    with pytest.raises(MemoryExceededError, match="the GPU is full"):
        pool.submit(Chore(what="exceed")).result()


def test_a_mistake_in_a_worker_is_the_callers(pool: Pool[Chore, str]) -> None:
    with pytest.raises(UnknownNameError, match="unknown chore 'swep'; the nearest"):
        pool.submit(Chore(what="mistake")).result()


def test_a_task_does_not_end_the_driver(pool: Pool[Chore, str]) -> None:
    with pytest.raises(RunError, match="SystemExit: 3"):
        pool.submit(Chore(what="leave")).result()


def test_what_a_task_prints_is_no_answer(
    pool: Pool[Chore, str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert pool.submit(Chore(what="print")).result()

    seen = capfd.readouterr()
    assert seen.out == ""
    assert sorted(seen.err.splitlines()) == ["from Python", "from another program"]


def test_a_task_reads_nothing(pool: Pool[Chore, str]) -> None:
    assert pool.submit(Chore(what="read")).result() == ""


def test_a_task_tells_of_itself_in_order() -> None:
    heard: list[object] = []

    with processes(1, do, told=lambda slot, task, event: heard.append(event)) as pool:
        pool.submit(Chore(what="tell")).result()

    assert heard == [0, 1, 2]


def test_leaving_by_an_exception_ends_the_work_at_once(tmp_path: Path) -> None:
    started = time.monotonic()

    pool = processes(2, do)
    futures = [pool.submit(Chore(what="sleep")) for _ in range(5)]

    with pytest.raises(KeyboardInterrupt), pool:
        raise KeyboardInterrupt

    # Else it would take three minutes.
    assert time.monotonic() - started < 30
    assert futures[-1].cancelled()


@pytest.mark.parametrize("name", ["SIGINT", "SIGSTOP"])
def test_a_worker_goes_on_after_an_interrupt_or_a_pause(
    name: str, pool: Pool[Chore, str], tmp_path: Path
) -> None:
    future = pool.submit(Chore(what="sleep", mark=tmp_path / "mark"))
    wait_until(lambda: any(tmp_path.iterdir()))
    process = next(tmp_path.iterdir()).name.removeprefix("mark-")

    os.kill(int(process), signal.Signals[name])
    time.sleep(0.2)
    os.kill(int(process), signal.SIGCONT)

    # Ctrl-C reaches every process of a terminal, and is the driver's to handle.
    assert future.result() == process


@linux
def test_no_worker_outlives_a_driver_killed_in_its_first_second() -> None:
    moments = random.Random(0)

    for _ in range(8):
        mark = f"{os.getpid()}-{moments.random()}"
        driver = subprocess.Popen(
            [sys.executable, "-c", f"{HERE}from chores import *; sleep_in_processes()"],
            env={**os.environ, "MARK": mark},
            stderr=subprocess.DEVNULL,
        )
        time.sleep(moments.random())
        driver.kill()
        driver.wait()

        wait_until(lambda mark=mark: not marked(f"MARK={mark}"), 5)


def marked(mark: str) -> list[str]:
    """The processes with this in their environment that have not ended."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:  # it has ended, or is somebody else's
            continue
    return found


@linux
def test_a_worker_whose_driver_ended_before_it_began_ends() -> None:
    # The window between the start of a process and its wish to be killed.
    program = f"{HERE}from rexpand.workers.child import main; main({2**22 + 1})"

    done = subprocess.run(
        [sys.executable, "-c", program], input=b"", timeout=30, check=False
    )

    assert done.returncode == 1


def test_a_busy_worker_ends_when_its_driver_closes_the_pipe(tmp_path: Path) -> None:
    # As on systems that do not kill children with their parent.
    program = (
        f"{HERE}import chores, rexpand.workers.child as child; "
        "child.end_with_parent = lambda parent: None; child.main(0)"
    )
    orders, answers = subprocess.PIPE, subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=orders, stdout=answers
    ) as worker:
        from rexpand.workers.messages import send
        from rexpand.workers.pool import nothing

        assert worker.stdin
        send(worker.stdin, ([""], do, nothing))
        send(worker.stdin, Chore(what="sleep"))
        time.sleep(1)
        assert worker.poll() is None

        worker.stdin.close()

        assert worker.wait(timeout=20) == 1
