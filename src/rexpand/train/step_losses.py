"""The training loss inside an epoch, as it is told."""

from typing import Any, Protocol

from rexpand.train.progress import Follower, Steps

_STEPS = 50  # from one loss to the next


class Summing(Protocol):
    """An epoch under way, with the sum of its images' losses so far."""

    @property
    def loss_sum(self) -> float: ...


class StepLosses:
    """Tells of every fiftieth step with the mean loss since the one before.

    Reading a loss waits for the device, so that no other step's is read.
    """

    def __init__(self, progress: Follower[Any], epoch: int, under_way: Summing) -> None:
        self._progress, self._epoch, self._pass = progress, epoch, under_way
        self._told, self._images = under_way.loss_sum, 0

    def step(self, step: int, *, images: int, rate: float) -> None:
        """Step number `step` of the training is done, on so many images."""
        self._images += images
        if step % _STEPS:
            return
        reached = self._pass.loss_sum
        loss = (reached - self._told) / self._images
        self._told, self._images = reached, 0
        self._progress.end_steps(
            Steps(step=step, epoch=self._epoch, loss=loss, learning_rate=rate)
        )
