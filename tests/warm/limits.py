"""Waiting for a program within limits: memory, seconds of processors, doing nothing."""

import contextlib
import os
import re
import signal
import time
from dataclasses import dataclass
from pathlib import Path

MEMORY = 3 << 30
CPU_SECONDS = 60.0
IDLE_SECONDS = 20.0  # without any use of a processor: it hangs
WALL_SECONDS = 300.0  # a program that others keep from the processor
GRACE_SECONDS = 5.0  # for the helpers of multiprocessing, after their parent's end
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Use:
    """What a tree of processes has used: peak memory in bytes, seconds of processors."""

    memory: int = 0
    cpu: float = 0.0


def end_of(child: int, interrupt_after: float | None) -> dict[str, object]:
    """Wait for a program, the head of its session: how it ended, and what it left."""
    started = time.monotonic()
    use, ended, status = _watched(child, interrupt_after)
    left = _remaining(child)
    return {
        "code": os.waitstatus_to_exitcode(status),
        "ended": ended,
        "memory": use.memory,
        "cpu": use.cpu,
        "seconds": time.monotonic() - started,
        "left": left,
    }


def _watched(child: int, interrupt_after: float | None) -> tuple[Use, str, int]:
    """Wait for the child within the limits; its use, how it ended, its wait status."""
    started = time.monotonic()
    use, ended = Use(), "exit"
    busy, busy_at, scanned = 0.0, started, started
    pause = 0.001
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        if pid:
            use.memory = max(use.memory, usage.ru_maxrss * 1024)
            use.cpu = max(use.cpu, usage.ru_utime + usage.ru_stime)
            return use, ended, status
        now = time.monotonic()
        late = interrupt_after is not None and now - started > interrupt_after
        if late and now - busy_at < 1.0:  # what waits for nothing hangs, at work or not
            interrupt_after = None
            ended = "interrupted"
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGINT)
        every = now - scanned > 0.25
        members = _members(child) if every else [child]
        memory, cpu, waits = _measure(members)
        if memory > MEMORY:
            memory = _proportional(members)
        use.memory = max(use.memory, memory)
        if every:
            scanned = now
            use.cpu = max(use.cpu, cpu)
            if cpu - busy > 0.05 or not waits:
                busy, busy_at = cpu, now
        broken = (
            "memory" * (memory > MEMORY)
            or "cpu" * (use.cpu > CPU_SECONDS)
            or "hang" * (now - busy_at > IDLE_SECONDS)
            or "wall" * (now - started > WALL_SECONDS)
        )
        if broken:
            ended = broken
            for pid in [child, *_members(child)]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.03)


def _members(session: int) -> list[int]:
    """The processes of a session that live."""
    every = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())
    return [pid for pid in every if _stat(pid)[3:4] == [str(session)]]


def _measure(pids: list[int]) -> tuple[int, float, bool]:
    """Bytes and seconds of processes, and whether all of them wait for something."""
    found = [fields for pid in pids if (fields := _stat(pid))]
    memory = sum(int(each[21]) for each in found) * _PAGE
    cpu = sum(int(each[11]) + int(each[12]) for each in found) / _TICKS
    return memory, cpu, all(each[0] in "ST" for each in found)


def _proportional(pids: list[int]) -> int:
    """Bytes of processes, a page that several share counted once.

    Forked processes share most of theirs. It takes milliseconds for each process, so it
    is asked only where the plain sum is too large.
    """
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            found = re.search(r"^Pss:\s+(\d+) kB$", text, re.MULTILINE)
            total += int(found[1]) << 10 if found else 0
    return total


def _stat(pid: int) -> list[str]:
    """The fields of a living process from its state on; none of one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
    return [] if fields[0] in "ZX" else fields


def _remaining(session: int) -> list[str]:
    """The commands of processes that outlive their parent; they are ended."""
    until = time.monotonic() + GRACE_SECONDS
    while (pids := _members(session)) and time.monotonic() < until:
        time.sleep(0.02)
    names = []
    for pid in pids:
        with contextlib.suppress(OSError):
            names.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return names
