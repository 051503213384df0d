"""The process that speaks to Ray: tasks come from a pool, replies go back to it.

Whatever Ray prints goes nowhere. The process ends when the pool's closes its pipe or
ends, and with it every worker that Ray has for it.
"""

import os
import secrets
import time
from collections.abc import Hashable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from shutil import rmtree
from threading import Lock, Thread, Timer
from typing import IO, Any

from rexpand.errors import (
    ClusterLostError,
    MissingExtraError,
    MistakeError,
    RunError,
)
from rexpand.workers.child import (
    answered,
    leave_interrupts_to_driver,
    portable,
    streams,
)
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
from rexpand.workers.ray_cluster import workers_on
from rexpand.workers.ray_pool import Asked
from rexpand.workers.remote import Remote
from rexpand.workers.scratch import scratch_folder

_LOOK_AGAIN = 1.0  # seconds between two looks at the nodes of the cluster
_FAREWELL = 10.0  # seconds for Ray to end; then this process does
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0"}
# Ray then listens at 127.0.0.1 alone, a stranger there has no token, and workers are as
# urgent as the local pool's.
_ALONE = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_worker_niceness": "0",
}


def main(driver: int) -> None:
    """Serve the pool of the process `driver` until that closes standard input."""
    leave_interrupts_to_driver()
    orders, answers = streams()
    for stream in (1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), stream)
    asked, remote = receive(orders)
    overdue = Timer(2 * asked.cluster.patience, os._exit, (1,))
    overdue.daemon = True
    overdue.start()
    try:
        side = RaySide(asked, remote, answers)
        side.say(Room(workers=side.room()))
    except BaseException as error:
        send(answers, Failed(error=portable(error)))
        os._exit(1)
    overdue.cancel()
    Thread(target=side.look, daemon=True).start()
    with suppress(EOFError, OSError):
        while True:
            Thread(target=side.serve, args=(receive(orders),), daemon=True).start()
    side.leave()


class RaySide:
    """A connection to Ray, and what is said of the tasks that run there."""

    def __init__(
        self, asked: Asked, remote: Remote[Any, Any], answers: IO[bytes]
    ) -> None:
        self._asked, self._remote, self._answers = asked, remote, answers
        self._lock, self._stock_lock = Lock(), Lock()
        self._stocks: dict[Hashable, Any] = {}
        self._folder = None if asked.cluster.address else scratch_folder("ray")
        _connect(asked, self._folder)
        self._gpus = self._share()
        if not self.room():
            gpus = f" and {self._gpus:g} of a GPU" if self._gpus else ""
            raise MistakeError(
                f"no machine of {asked.cluster} has room for a worker, which needs "
                f"{asked.cpus} CPUs{gpus}; give fewer threads, or add a machine"
            )

    def say(self, message: object) -> None:
        """Tell the pool; it may be gone, which the main thread sees."""
        with self._lock, suppress(OSError):
            send(self._answers, message)

    def room(self) -> int:
        """How many workers the nodes that are alive have room for."""
        import ray

        every = (node["Resources"] for node in ray.nodes() if node["Alive"])
        return sum(workers_on(each, self._asked.cpus, self._gpus) for each in every)

    def look(self) -> None:
        """Tell the pool whenever the room of the cluster changes."""
        before = -1
        while True:
            with suppress(Exception):  # the head may be away for a moment
                now = self.room()
                if now != before:
                    self.say(Room(workers=now))
                    before = now
            time.sleep(_LOOK_AGAIN)

    def serve(self, order: Order) -> None:
        """Run one task, and tell the pool of it."""
        try:
            message = self._outcome(order)
        except BaseException as error:
            message = Failed(error=portable(error))
        self.say(Reply(number=order.number, message=message))

    def leave(self) -> None:
        """End everything that Ray runs for this process, and then the process."""
        import ray

        late = Timer(_FAREWELL, os._exit, (1,))
        late.daemon = True
        late.start()
        with suppress(Exception):
            ray.shutdown()
        if self._folder:
            rmtree(self._folder, ignore_errors=True)
        os._exit(0)

    def _outcome(self, order: Order) -> Done | Failed | Died:
        from ray.exceptions import RayError, RayTaskError

        task, remote = order.task, self._remote
        found = remote.finished(task)
        if found is not None:
            return Done(result=found)
        with remote.packed(task) as parcel:
            try:
                answer = self._answer(order, parcel)
            except RayTaskError as error:
                raise ClusterLostError(
                    f"{task} cannot run on a machine of {self._asked.cluster}: "
                    f"{_reason(error.cause)}; install the same rexpand on all of them"
                ) from None
            except RayError as error:
                return Died(cause=_cause(error))
            if isinstance(answer, Failed):
                return answer
            return Done(result=remote.unpacked(task, answer.result))

    def _answer(self, order: Order, parcel: Any) -> Done | Failed:
        """Run a task on the cluster, passing on what it tells. Raises RayError."""
        import ray

        share = 1.0 if self._gpus and order.whole_gpu else self._gpus
        carried = ray.remote(carry).options(
            num_cpus=self._asked.cpus,
            num_gpus=share,
            max_retries=0,
            num_returns="streaming",
        )
        stock = self._stock(order.task)
        said: Any = carried.remote(self._remote, parcel, stock)  # a generator
        for reference in said:
            message: Done | Failed | Told = ray.get(reference)
            if not isinstance(message, Told):
                return message
            self.say(Reply(number=order.number, message=message))
        raise RunError(f"{order.task} ended without an answer")

    def _stock(self, task: Any) -> Any:
        """Where the stock of a task lies in Ray's store, which gets each of them once."""
        import ray

        key = self._remote.stock_of(task)
        with self._stock_lock:
            if key not in self._stocks:
                self._stocks[key] = ray.put(self._remote.stock(task))
            return self._stocks[key]

    def _share(self) -> float:
        """The share of a GPU that each worker gets; 0 where there is none."""
        import ray

        if not self._asked.has_gpus:
            return 0.0
        there = ray.cluster_resources().get("GPU", 0.0)
        given = self._asked.cluster.gpu_share
        return (1.0 if there else 0.0) if given is None else given


def carry(
    remote: Remote[Any, Any], parcel: Any, stock: Any
) -> Iterator[Told | Done | Failed]:
    """A task in a worker of Ray: what it tells, and its answer at the end."""
    said: SimpleQueue[Told | Done | Failed] = SimpleQueue()

    def work(parcel: Any, tell: Any) -> Any:
        return remote.do(parcel, stock, tell)

    def tell(event: Any) -> None:
        said.put(Told(event=event))

    def run() -> None:
        said.put(answered(work, parcel, tell))

    Thread(target=run, daemon=True).start()
    while True:
        message = said.get()
        yield message
        if not isinstance(message, Told):
            return


def _connect(asked: Asked, folder: Path | None) -> None:
    """Be a driver of the cluster, or start one in `folder`.

    Raises MissingExtraError without Ray, and MistakeError for a cluster that refuses.
    """
    os.environ.update(_QUIET)
    if folder:
        os.environ.update(_ALONE, RAY_AUTH_TOKEN=secrets.token_hex(32))
    try:
        from ray import init
    except ImportError:
        raise MissingExtraError("Ray", "ray") from None
    start = partial(init, include_dashboard=False, log_to_driver=False)
    try:
        if folder is None:
            init(address=asked.cluster.address, log_to_driver=False)
        elif asked.jobs is None:
            start(address="local", _temp_dir=str(folder))
        else:
            cpus = asked.jobs * asked.cpus
            start(address="local", _temp_dir=str(folder), num_cpus=cpus)
    except Exception as error:
        said = " ".join(str(error).split())
        raise MistakeError(
            f"{asked.cluster} cannot be used: {said or type(error).__name__}"
        ) from None


def _reason(error: Exception) -> str:
    """The line of an exception and its traceback that says what is wrong."""
    lines = [each.strip() for each in str(error).splitlines() if each.strip()]
    return lines[-1] if lines else type(error).__name__


def _cause(error: Exception) -> str:
    """How a worker of Ray ended, in a few words."""
    from ray.exceptions import NodeDiedError, OutOfMemoryError, WorkerCrashedError

    match error:
        case NodeDiedError():
            return "its machine left the cluster"
        case OutOfMemoryError():
            return "killed, since its machine has too little memory left"
        case WorkerCrashedError():
            return "killed, or its machine left the cluster"
    return type(error).__name__
