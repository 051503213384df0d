"""A pool whose workers are processes of a Ray cluster.

Ray prints, takes signals for itself and may end the process that uses it. So a process
of its own speaks to it (`ray_driver`), and this one speaks to that through pipes.
"""

import os
import socket
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import IO, Any, Self, TypeVar

from rexpand.errors import ClusterLostError, MemoryExceededError, MistakeError
from rexpand.workers.messages import (
    Died,
    Done,
    Failed,
    Order,
    Reply,
    Room,
    Told,
    receive,
    send,
)
from rexpand.workers.pool import Pool, Tell, WorkerDied, nothing
from rexpand.workers.ray_cluster import RayCluster, host_and_port
from rexpand.workers.remote import Remote
from rexpand.workers.worker import how_ended, program_of

Task = TypeVar("Task")
Result = TypeVar("Result")

_KNOCK = 10.0  # seconds for a connection to the cluster's address
_FAREWELL = 20.0  # seconds for Ray to end its processes


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the process that speaks to Ray is asked for.

    `cpus` are those of each worker, of which there are at most `jobs`.
    """

    cluster: RayCluster
    jobs: int | None
    cpus: int
    has_gpus: bool


def ray_pool(
    cluster: RayCluster,
    remote: Remote[Task, Result],
    *,
    jobs: int | None,
    cpus: int,
    has_gpus: bool = True,
    told: Callable[[int, Task, Any], None] = nothing,
    died: Callable[[int, Task, str], None] = nothing,
) -> Pool[Task, Result]:
    """Runs tasks on a Ray cluster, as many at a time as it has room for, at most `jobs`.

    Each gets `cpus` and, where `has_gpus`, the cluster's share of a GPU; one that exceeds
    the memory of a GPU is tried again with one of its own. Machines may join and leave.
    Entering it raises MistakeError if the cluster does not answer, and MissingExtraError
    without Ray; the future of a task has a ClusterLostError if the cluster ends.
    """
    asked = Asked(cluster=cluster, jobs=jobs, cpus=cpus, has_gpus=has_gpus)
    link = _Link(asked, remote)
    return Pool(
        link.slots, partial(_RayWorker, link), told=told, died=died, around=link
    )


class _Link(AbstractContextManager["_Link"]):
    """The process that speaks to Ray, from outside; used by many threads."""

    def __init__(self, asked: Asked, remote: Remote[Any, Any]) -> None:
        self._asked, self._remote = asked, remote
        self._lock = Lock()
        self._numbers = count()
        self._inboxes: dict[int, SimpleQueue[Told | Done | Failed | Died]] = {}
        self._first: SimpleQueue[Room | Failed | None] = SimpleQueue()
        self._room = 1
        self._end: str | None = None
        self.exceeding: set[str] = set()  # tasks that a share of a GPU did not hold

    def slots(self) -> int:
        """How many tasks the cluster has room for now, at most as many as asked."""
        room = max(1, self._room)
        return room if self._asked.jobs is None else min(room, self._asked.jobs)

    def __enter__(self) -> Self:
        cluster = self._asked.cluster
        _knock(cluster)
        self._process = subprocess.Popen(
            program_of("rexpand.workers.ray_driver"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            send(self._orders, (self._asked, self._remote))
            first = self._first.get(timeout=cluster.patience)
            if isinstance(first, Failed):
                raise first.error
            if first is None:
                raise ClusterLostError(f"{cluster} cannot be used: {self._end}")
        except Empty:
            self._leave(0)
            raise MistakeError(
                f"{cluster} did not answer within {cluster.patience:g} seconds; see "
                "`ray status` on its head"
            ) from None
        except BaseException:
            self._leave(0)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave(_FAREWELL)

    def _leave(self, patience: float) -> None:
        """End the process, which has so many seconds to end what Ray runs for it."""
        with suppress(OSError):
            self._orders.close()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        self._answers.close()

    def ask(self, task: Any) -> "tuple[int, SimpleQueue[Told | Done | Failed | Died]]":
        """Hand a task over; its number, and where the replies come.

        Raises ClusterLostError if nobody is there.
        """
        with self._lock:
            if self._end is None:
                number = next(self._numbers)
                inbox = self._inboxes[number] = SimpleQueue()
                whole = str(task) in self.exceeding
                with suppress(OSError):  # then the reader knows soon
                    send(self._orders, Order(number=number, task=task, whole_gpu=whole))
                return number, inbox
        raise self._lost()

    def forget(self, number: int) -> None:
        """Expect no reply any more."""
        with self._lock:
            self._inboxes.pop(number, None)

    def _lost(self) -> ClusterLostError:
        return ClusterLostError(
            f"the connection to {self._asked.cluster} is lost ({self._end}); what is "
            "trained is kept"
        )

    def _read(self) -> None:
        """Pass every message on to whom it concerns, until the process ends."""
        try:
            while True:
                match receive(self._answers):
                    case Reply(number=number, message=message):
                        with self._lock:
                            inbox = self._inboxes.get(number)
                        if inbox:
                            inbox.put(message)
                    case Room() as room:
                        self._room = room.workers
                        self._first.put(room)
                    case Failed() as failed:
                        self._first.put(failed)
        except (EOFError, OSError, ValueError):
            cause = how_ended(self._process)
        with self._lock:
            self._end = cause
            inboxes = list(self._inboxes.values())
        self._first.put(None)
        for inbox in inboxes:
            inbox.put(Failed(error=self._lost()))

    @property
    def _orders(self) -> IO[bytes]:
        assert self._process.stdin
        return self._process.stdin

    @property
    def _answers(self) -> IO[bytes]:
        assert self._process.stdout
        return self._process.stdout


class _RayWorker:
    """Runs one task at a time, wherever Ray finds room for it."""

    def __init__(self, link: _Link) -> None:
        self._link = link
        self._is_over = False
        self._inbox: SimpleQueue[Told | Done | Failed | Died] | None = None

    def run(self, task: Any, tell: Tell) -> Done | Failed:
        number, inbox = self._link.ask(task)
        self._inbox = inbox
        if self._is_over:
            self.end()
        try:
            while isinstance(message := inbox.get(), Told):
                tell(message.event)
        finally:
            self._link.forget(number)
        if isinstance(message, Died):
            raise WorkerDied(message.cause)
        if isinstance(message, Failed) and isinstance(
            message.error, MemoryExceededError
        ):
            self._link.exceeding.add(str(task))
        return message

    def end(self) -> None:
        """Wait no longer; Ray ends the task when its driver leaves."""
        self._is_over = True
        if self._inbox:
            self._inbox.put(Died(cause="stopped"))

    def close(self) -> None:
        """There is nothing to free: Ray keeps the processes for the next task."""


def _knock(cluster: RayCluster) -> None:
    """Raise MistakeError if nothing listens at the address of a cluster."""
    if cluster.address is None:
        return
    place = host_and_port(cluster.address)
    try:
        socket.create_connection(place, timeout=min(_KNOCK, cluster.patience)).close()
    except OSError as error:
        number = error.errno or 0  # those of names that are not found are negative
        reason = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise MistakeError(
            f"{cluster} does not answer: {reason.lower()}; start it with `ray start "
            "--head`, or give the address that this printed"
        ) from None
