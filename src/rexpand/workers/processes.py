"""Several tasks at a time, each in a process; a process that dies is replaced."""

import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Generic, Self, TypeVar

from rexpand.errors import RunError
from rexpand.memory import check_memory
from rexpand.workers.messages import Failed
from rexpand.workers.worker import Tell, Worker, WorkerDied

Task = TypeVar("Task")
Result = TypeVar("Result")

_ATTEMPTS = 3  # at one task: who kills three workers would kill the next one too
# What a process has for itself after it imported torch: 290 MB, torch 2.14 on a CPU.
_PROCESS_BYTES = 2**28


def _nothing(*_: object) -> None:
    """Hears, and does nothing."""


class Processes(AbstractContextManager["Processes[Any, Any]"], Generic[Task, Result]):
    """Runs `slots` tasks at a time by `work`, which gets the task and a `Tell`.

    `begin` is called once in every process. `told` hears of the number of the slot, its
    task and what the task tells, `died` of a process that died at a task and how; both
    in a thread per slot. The task goes to a fresh process; after three that died its
    future has a RunError that names the task by its `str`. Leaving the `with` by an
    exception ends every process at once. Raises SpecError for more processes than the
    memory holds.
    """

    def __init__(
        self,
        slots: int,
        work: Callable[[Task, Tell], Result],
        *,
        begin: Callable[[], None] = _nothing,
        told: Callable[[int, Task, Any], None] = _nothing,
        died: Callable[[int, Task, str], None] = _nothing,
    ) -> None:
        check_memory(
            f"a pool of {slots} processes", slots * _PROCESS_BYTES, "use fewer"
        )
        self.slots = slots
        self._work, self._begin, self._told, self._died = work, begin, told, died
        self._orders: SimpleQueue[tuple[Future[Result], Task] | None] = SimpleQueue()
        self._workers: dict[int, Worker] = {}
        self._is_over = False
        self._threads = [
            Thread(target=self._serve, args=(slot,), daemon=True)
            for slot in range(slots)
        ]

    def submit(self, task: Task) -> "Future[Result]":
        future: Future[Result] = Future()
        self._orders.put((future, task))
        return future

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind:
            self._is_over = True
            self._cancel()
            for worker in list(self._workers.values()):
                worker.end()
        for _thread in self._threads:
            self._orders.put(None)
        for thread in self._threads:
            thread.join()

    def _cancel(self) -> None:
        """Drop the tasks that nobody has begun."""
        try:
            while True:
                order = self._orders.get_nowait()
                if order:
                    order[0].cancel()
        except Empty:
            return

    def _serve(self, slot: int) -> None:
        """Run task after task in this slot."""
        if sys.platform != "win32":  # Ctrl-C is the driver's to handle, from the start
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            while order := self._orders.get():
                future, task = order
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    future.set_result(self._run(slot, task))
                except BaseException as error:
                    future.set_exception(error)
        finally:
            self._drop(slot)

    def _run(self, slot: int, task: Task) -> Result:
        """The result of a task, from as many processes as it takes."""
        cause = ""
        for attempt in range(_ATTEMPTS):
            try:
                answer = self._worker(slot).run(
                    task, lambda event: self._told(slot, task, event)
                )
            except WorkerDied as death:
                self._drop(slot)
                cause = str(death)
                if self._is_over:
                    break
                if attempt < _ATTEMPTS - 1:
                    self._died(slot, task, cause)
                continue
            except BaseException:
                self._drop(slot)
                raise
            if isinstance(answer, Failed):
                raise answer.error
            result: Result = answer.result
            return result
        raise RunError(
            f"{_ATTEMPTS} processes died at {task} (the last one: {cause}); run fewer "
            "at a time"
        )

    def _worker(self, slot: int) -> Worker:
        """The process of a slot, started if there is none."""
        if slot not in self._workers:
            self._workers[slot] = Worker(self._work, self._begin)
        if self._is_over:  # and who ended the others may not have seen this one
            self._workers[slot].end()
        return self._workers[slot]

    def _drop(self, slot: int) -> None:
        if slot in self._workers:
            self._workers.pop(slot).close()
