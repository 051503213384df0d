"""What driver and worker say to each other: pickles, each after its length in bytes."""

import pickle
from dataclasses import dataclass
from typing import IO, Any

_LENGTH = 8  # bytes of the length


@dataclass(frozen=True, kw_only=True)
class Done:
    """A task is done."""

    result: Any


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A task raised an exception."""

    error: BaseException


@dataclass(frozen=True, kw_only=True)
class Told:
    """A task tells of its progress."""

    event: Any


@dataclass(frozen=True, kw_only=True)
class Died:
    """The worker of a task ended."""

    cause: str


@dataclass(frozen=True, kw_only=True)
class Order:
    """A task for any worker of a cluster; it may ask for a GPU of its own."""

    number: int
    task: Any
    whole_gpu: bool


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What is to be said of an order."""

    number: int
    message: Told | Done | Failed | Died


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many workers a cluster has room for, from now on."""

    workers: int


def send(stream: IO[bytes], message: object) -> None:
    """Write one message; OSError if the other process has ended."""
    content = pickle.dumps(message)
    stream.write(len(content).to_bytes(_LENGTH, "big") + content)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:
    """Read one message; EOFError if the other process has ended, maybe inside one."""
    length = int.from_bytes(_exactly(stream, _LENGTH), "big")
    return pickle.loads(_exactly(stream, length))


def _exactly(stream: IO[bytes], count: int) -> bytes:
    content = stream.read(count)
    if len(content) < count:
        raise EOFError
    return content
