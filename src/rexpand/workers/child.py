"""A worker from inside: it runs the tasks that come, and ends with its driver.

Messages come on standard input and go out on what was standard output. Whatever a task
prints goes to standard error, and it reads nothing.
"""

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from rexpand.errors import RunError
from rexpand.workers.death import end_with_parent
from rexpand.workers.messages import Done, Failed, Told, receive, send
from rexpand.workers.pool import Tell


def main(driver: int) -> None:
    """Work for the process `driver` until it closes standard input or ends."""
    end_with_parent(driver)
    leave_interrupts_to_driver()
    orders, answers = streams()
    sys.argv, work, begin = receive(orders)
    tasks: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_listen, args=(orders, tasks), daemon=True).start()
    begin()
    while True:
        answer = answered(work, tasks.get(), partial(_tell, answers))
        sys.stdout.flush()
        send(answers, answer)


def leave_interrupts_to_driver() -> None:
    """Ctrl-C reaches every process of a terminal; the driver started us with it held."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def streams() -> tuple[IO[bytes], IO[bytes]]:
    """The driver's pipes, taken from where a task would read and print."""
    pipes = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # the driver has no standard error either
        os.dup2(nothing, 1)
    return pipes


def _listen(orders: IO[bytes], tasks: "SimpleQueue[Any]") -> None:
    """Pass tasks on; end the process, whatever it is doing, when the driver has ended."""
    while True:
        try:
            tasks.put(receive(orders))
        except (EOFError, OSError):
            os._exit(1)


def _tell(answers: IO[bytes], event: Any) -> None:
    send(answers, Told(event=event))


def answered(work: Callable[[Any, Tell], Any], task: Any, tell: Tell) -> Done | Failed:
    """The result of a task, or its exception, as the other process can read it."""
    try:
        done = Done(result=work(task, tell))
        pickle.dumps(done)
    except BaseException as error:
        return Failed(error=portable(error))
    return done


def portable(error: BaseException) -> BaseException:
    """The exception with the worker's traceback as a note, or one that says the same."""
    trace = "".join(traceback.format_exception(error))
    if not _is_portable(error):
        error = RunError(f"{type(error).__name__}: {error}")
    error.add_note(f"in a worker's process:\n{trace}")
    return error


def _is_portable(error: BaseException) -> bool:
    """Whether it is an exception that pickles; one that ends programs is not."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return False
    return isinstance(error, Exception)
