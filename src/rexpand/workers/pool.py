"""Several tasks at a time, each by a worker of its slot; one that dies is replaced."""

import signal
import sys
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, nullcontext
from queue import Empty, SimpleQueue
from threading import RLock, Thread
from typing import Any, Generic, Protocol, Self, TypeVar

from rexpand.errors import MemoryExceededError, RunError, WorkersDiedError
from rexpand.workers.messages import Done, Failed

Task = TypeVar("Task")
Result = TypeVar("Result")
Tell = Callable[[Any], None]  # hears of what a task tells, which must be picklable

_ATTEMPTS = 3  # at one task: who kills three workers would kill the next one too


class WorkerDied(Exception):
    """A worker ended while it had a task; the message says how."""


class SlotWorker(Protocol):
    """Runs one task at a time, for one slot of a pool."""

    def run(self, task: Any, tell: Tell) -> Done | Failed:
        """What became of a task. Raises WorkerDied if the worker ended.

        After any exception the worker is of no more use.
        """

    def end(self) -> None:
        """End the worker at once, from any thread."""

    def close(self) -> None:
        """End the worker and free what it holds, in the thread that uses it."""


def nothing(*_: object) -> None:
    """Hears, and does nothing."""


class Pool(AbstractContextManager["Pool[Any, Any]"], Generic[Task, Result]):
    """Runs as many tasks at a time as there are slots, each by the `worker` of its slot.

    The number of `slots` is asked for again and again, since it may change. `told` hears
    of the number of the slot, its task and what the task tells, `died` of a worker that
    died at a task and how; both in a thread per slot. The task goes to a fresh worker;
    after three that died its future has a WorkersDiedError that names the task by its
    `str`. A task that raises a MemoryExceededError is tried as often. Leaving the `with`
    by an exception ends every worker at once.
    `around` is entered before the first task and left after the last one.
    """

    def __init__(
        self,
        slots: Callable[[], int],
        worker: Callable[[], SlotWorker],
        *,
        told: Callable[[int, Task, Any], None] = nothing,
        died: Callable[[int, Task, str], None] = nothing,
        around: AbstractContextManager[Any] | None = None,
    ) -> None:
        self._slots, self._worker, self._told, self._died = slots, worker, told, died
        self._around = around or nullcontext()
        self._stack = ExitStack()
        self._orders: SimpleQueue[tuple[Future[Result], Task] | None] = SimpleQueue()
        self._unfinished = 0
        self._lock = RLock()
        self._workers: dict[int, SlotWorker] = {}
        self._threads: list[Thread] = []
        self._is_over = False

    @property
    def slots(self) -> int:
        """How many tasks run at a time now."""
        return self._slots()

    def submit(self, task: Task) -> "Future[Result]":
        future: Future[Result] = Future()
        self._orders.put((future, task))
        with self._lock:
            self._unfinished += 1
            missing = min(self._unfinished, self.slots) - len(self._threads)
            if missing > 0:
                slot = len(self._threads)
                thread = Thread(target=self._serve, args=(slot,), daemon=True)
                self._threads.append(thread)
                thread.start()
        return future

    def __enter__(self) -> Self:
        self._stack.enter_context(self._around)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack:
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
                    result = self._run(slot, task)
                except BaseException as error:
                    self._finish()
                    future.set_exception(error)
                else:
                    self._finish()
                    future.set_result(result)
        finally:
            self._drop(slot)

    def _finish(self) -> None:
        """One task fewer, before anybody hears of it."""
        with self._lock:
            self._unfinished -= 1

    def _run(self, slot: int, task: Task) -> Result:
        """The result of a task, from as many workers as it takes."""
        for attempt in range(_ATTEMPTS):
            failure: RunError | None = None
            match answer := self._answer(slot, task):
                case Done():
                    result: Result = answer.result
                    return result
                case WorkerDied():
                    cause = str(answer)
                case Failed(error=MemoryExceededError() as failure):
                    cause = "the memory of its device did not suffice"
                case Failed():
                    raise answer.error
            self._drop(slot)
            if self._is_over:
                break
            if attempt < _ATTEMPTS - 1:
                self._died(slot, task, cause)
        raise failure or WorkersDiedError(
            f"{_ATTEMPTS} processes died at {task} (the last one: {cause}); run fewer "
            "at a time"
        )

    def _answer(self, slot: int, task: Task) -> Done | Failed | WorkerDied:
        """What became of a task at the worker of a slot."""
        try:
            return self._of_slot(slot).run(
                task, lambda event: self._told(slot, task, event)
            )
        except WorkerDied as death:
            return death
        except BaseException:
            self._drop(slot)
            raise

    def _of_slot(self, slot: int) -> SlotWorker:
        """The worker of a slot, made if there is none."""
        if slot not in self._workers:
            self._workers[slot] = self._worker()
        if self._is_over:  # and who ended the others may not have seen this one
            self._workers[slot].end()
        return self._workers[slot]

    def _drop(self, slot: int) -> None:
        if slot in self._workers:
            self._workers.pop(slot).close()
