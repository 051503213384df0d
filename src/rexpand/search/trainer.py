"""Who trains the tasks of an experiment: networks, or what a room above knows of."""

from typing import Protocol, TypeVar

from rexpand.data.dataset import DataSet
from rexpand.search.shared_data import SharedData
from rexpand.search.task import Task
from rexpand.search.told import TrialProgress
from rexpand.train import Forecast

Trained = TypeVar("Trained", covariant=True)


class Trainer(Protocol[Trained]):
    """How a task is trained, as a frozen value that travels to the workers."""

    def finished(self, task: Task) -> Trained | None:
        """The record of a task that is done, whose states are then deleted."""

    def shared(self, task: Task) -> SharedData | None:
        """Its images, where they are arrays that processes can share."""

    def train(
        self, task: Task, progress: TrialProgress, data: DataSet | None
    ) -> Trained:
        """Train it; its images are `data`, or are loaded."""

    def plan(self, task: Task) -> Forecast:
        """What it takes, by its first steps, which leave nothing."""

    def forget(self) -> None:
        """Let go of the images that are loaded."""
