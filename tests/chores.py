"""Tasks for worker processes: in a module, so that another process can import them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rexpand.errors import MemoryExceededError, UnknownNameError
from rexpand.workers import processes

Tell = Callable[[object], None]


@dataclass(frozen=True, kw_only=True)
class Chore:
    """`what` to do; `mark` is a file that a chore leaves behind."""

    what: str
    mark: Path | None = None

    def __str__(self) -> str:
        return f"the chore {self.what}"


def do(chore: Chore, tell: Tell) -> str:
    """Do one, and say in which process."""
    match chore.what:
        case "die once" if chore.mark and not chore.mark.exists():
            chore.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        case "die":
            os.kill(os.getpid(), signal.SIGKILL)
        case "exceed once" if chore.mark and not chore.mark.exists():
            chore.mark.touch()
            raise MemoryExceededError("the GPU is full")
        case "exceed":
            raise MemoryExceededError("the GPU is full")
        case "leave":
            sys.exit(3)
        case "mistake":
            raise UnknownNameError("chore", "swep", ["sweep"], "choose another")
        case "print":
            print("from Python")
            subprocess.run(["echo", "from another program"], check=True)
        case "read":
            return sys.stdin.read()
        case "tell":
            for number in range(3):
                tell(number)
        case "sleep" if chore.mark:
            chore.mark.with_name(f"{chore.mark.name}-{os.getpid()}").touch()
            time.sleep(1.5)
        case "sleep":
            time.sleep(60)
    return str(os.getpid())


def sleep_in_processes() -> None:
    """A driver whose workers have work for a minute."""
    with processes(2, do) as pool:
        for future in [pool.submit(Chore(what="sleep")) for _ in range(2)]:
            future.result()
