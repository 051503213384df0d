"""What a training will take, foretold from its own first steps.

Nothing is run twice: the first steps are timed as they are, and the memory that they
took is read. Only a long training pays for more, some batches of held-out images that
are judged; a short one is foretold when its first epoch is over. Judging draws nothing
at random and leaves the network as it was, so that the weights stay the same, to the bit.
"""

import time
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import nn

from rexpand.recipe import Optimizer
from rexpand.train import memory
from rexpand.train.cut import Cut
from rexpand.train.forecast import Forecast
from rexpand.train.optimization import moments_of
from rexpand.train.progress import Follower, Silence

_LONG = 60.0  # seconds: what takes longer is worth a measurement
_WARM_UP = 2  # steps that are not timed: caches fill, and readers are ahead
_STEPS, _SECONDS = 5, 3.0  # that are timed at least
_FLOAT32 = 4  # bytes


class Foretellable(Protocol):
    """What is asked of a training to foretell it."""

    @property
    def network(self) -> nn.Module: ...

    @property
    def device(self) -> torch.device: ...

    @property
    def optimizer(self) -> Optimizer: ...

    @property
    def cut(self) -> Cut: ...

    @property
    def judged_images(self) -> int:
        """Held-out images."""

    def judge_some(self, images: int, batch_size: int) -> None:
        """Judge so many of the held-out images, in this process alone."""

    def evaluations_after(self, epochs: int) -> int:
        """How often the held-out images are judged after so many epochs are over."""


class Foretelling(Silence):
    """Hears of a training, and once tells its `progress` what the rest takes."""

    def __init__(
        self,
        run: Foretellable,
        progress: Follower[Any],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._run, self._progress, self._clock = run, progress, clock
        self._is_told = False
        self._epochs = self._done = self._at_begin = 0
        self._began = self._warm = self._last = clock()
        self._steps = self._images = self._warm_images = 0

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._epochs, self._done = epochs - epoch, epoch
        self._at_begin = memory.in_use(self._run.device)
        self._began = self._clock()

    def advance(self, images: int) -> None:
        if self._is_told:
            return
        self._last = self._clock()
        self._steps += 1
        self._images += images
        if self._steps == _WARM_UP:
            self._warm, self._warm_images = self._last, self._images
        is_long = self._epochs * self._seconds_to_train > _LONG
        if is_long and self._is_measured:
            self._tell(self._seconds_to_judge())

    def end_epoch(self, epoch: Any) -> None:
        if self._is_told:
            return
        before, after = map(self._run.evaluations_after, (self._done, self._done + 1))
        is_judged = after < before
        self._tell(
            self._clock() - self._last if is_judged else self._seconds_to_judge()
        )

    @property
    def _batch(self) -> int:
        """Images of a step."""
        cut = self._run.cut
        return min(cut.recipe.batch_size, cut.images)

    @property
    def _at_once(self) -> int:
        """Images that this process has in memory at a time."""
        cut = self._run.cut
        return max(min(cut.size, cut.images) // cut.processes, 1)

    @property
    def _is_measured(self) -> bool:
        seconds = self._last - self._warm
        return self._steps - _WARM_UP >= _STEPS and seconds >= _SECONDS

    @property
    def _seconds_an_image(self) -> float:
        """Of training: as in the timed steps, or in all of them where they are few."""
        if self._steps > _WARM_UP:
            timed = self._images - self._warm_images
            return (self._last - self._warm) / timed
        return (self._last - self._began) / max(self._images, 1)

    @property
    def _seconds_to_train(self) -> float:
        return self._seconds_an_image * self._run.cut.images

    def _seconds_to_judge(self) -> float:
        """Of the held-out images that a process judges, measured on some of them.

        The other processes of a training wait: they meet this one in the next step.
        """
        batch = self._at_once
        images = -(-self._run.judged_images // self._run.cut.processes)
        if images <= 3 * batch:
            return self._judged(images)
        first, three = self._judged(batch), self._judged(3 * batch)
        each = max(three - first, 0) / 2
        return first + each * (images / batch - 1)

    def _judged(self, images: int) -> float:
        """Seconds to judge so many of the held-out images."""
        started = self._clock()
        self._run.judge_some(images, self._at_once)
        return self._clock() - started

    def _tell(self, judging: float) -> None:
        self._is_told = True
        peak = memory.peak(self._run.device)
        usable = memory.usable(self._run.device)
        evaluations = self._run.evaluations_after(self._done)
        forecast = Forecast(
            epochs=self._epochs,
            steps_per_epoch=self._run.cut.steps,
            batch_size=self._batch,
            seconds=self._epochs * self._seconds_to_train + evaluations * judging,
            step_seconds=self._seconds_an_image * self._batch,
            evaluations=evaluations,
            evaluation_seconds=judging,
            measured_steps=max(self._steps - _WARM_UP, 0) or self._steps,
            peak_bytes=peak,
            usable_bytes=usable,
            largest_batch=self._largest_batch(peak, usable),
        )
        self._progress.expect(forecast)

    def _largest_batch(self, peak: int, usable: int) -> int:
        """What steps add to the weights and their gradients is in proportion to a batch."""
        weights = sum(each.numel() for each in self._run.network.parameters())
        per_weight = 1 + moments_of(self._run.optimizer)
        fixed = self._at_begin + _FLOAT32 * per_weight * weights
        each = max(peak - fixed, 1) / self._at_once
        return max(int((usable - fixed) / each), 0) * self._run.cut.processes
