"""What a task needs to run on another machine, and what it brings back."""

from collections.abc import Hashable
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeVar

from rexpand.workers.pool import Tell

Task = TypeVar("Task", contravariant=True)
Result = TypeVar("Result", covariant=True)


class Remote(Protocol[Task, Result]):
    """How tasks are done by workers that may share no files with the driver.

    It is pickled, as are parcels, stocks and answers. Only `do` is called by a worker.
    """

    def finished(self, task: Task) -> Result | None:
        """The result of a task that is done already."""

    def stock_of(self, task: Task) -> Hashable:
        """Which stock a task works with: many tasks have the same."""

    def stock(self, task: Task) -> Any:
        """That stock, asked for once: every machine gets it once, read-only.

        Only arrays of numpy are shared by the workers of a machine without a copy.
        """

    def packed(self, task: Task) -> AbstractContextManager[Any]:
        """A task as it travels, as long as the `with` lasts."""

    def do(self, parcel: Any, stock: Any, tell: Tell) -> Any:
        """Do a task, in a thread of its own; the answer, as it travels."""

    def unpacked(self, task: Task, answer: Any) -> Result:
        """The result of a task, and its files in their place."""
