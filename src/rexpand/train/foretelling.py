"""What a training will take, foretold from its own first steps.

Nothing is run twice: the first steps are timed as they are, and the memory that they
took is read. Only a long training pays for more, some batches of held-out images that
are judged; a short one is foretold when its first epoch is over. Judging draws nothing
at random and leaves the network as it was, so that the weights stay the same, to the bit.
"""

import time
from collections.abc import Callable

import torch

from rexpand.data.split import stratified_subset
from rexpand.records import Epoch
from rexpand.train import memory
from rexpand.train.evaluation import evaluate
from rexpand.train.forecast import Forecast
from rexpand.train.optimization import moments_of
from rexpand.train.progress import Progress, Silence
from rexpand.train.run import Run

_LONG = 60.0  # seconds: what takes longer is worth a measurement
_WARM_UP = 2  # steps that are not timed: caches fill, and readers are ahead
_STEPS, _SECONDS = 5, 3.0  # that are timed at least
_FLOAT32 = 4  # bytes


class Foretelling(Silence):
    """Hears of a training, and once tells its `progress` what the rest takes."""

    def __init__(
        self,
        run: Run,
        progress: Progress,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._run, self._progress, self._clock = run, progress, clock
        self._is_told = False
        self._epochs = self._at_begin = 0
        self._began = self._warm = self._last = clock()
        self._steps = self._images = self._warm_images = 0

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._epochs = epochs - epoch
        self._at_begin = memory.in_use(self._device)
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

    def end_epoch(self, epoch: Epoch) -> None:
        if not self._is_told:
            self._tell(self._clock() - self._last)

    @property
    def _device(self) -> torch.device:
        return self._run.accelerator.device

    @property
    def _batch(self) -> int:
        """Images of a step."""
        return min(self._run.recipe.batch_size, len(self._run.train))

    @property
    def _at_once(self) -> int:
        """Images that this process has in memory at a time."""
        cut = self._run.cut
        return max(min(cut.size, len(self._run.train)) // cut.processes, 1)

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
        return self._seconds_an_image * len(self._run.train)

    def _seconds_to_judge(self) -> float:
        """Of the held-out images that a process judges, measured on some of them.

        The other processes of a training wait: they meet this one in the next step.
        """
        batch = self._at_once
        images = -(-len(self._run.held_out) // self._run.cut.processes)
        if images <= 3 * batch:
            return self._judged(images)
        first, three = self._judged(batch), self._judged(3 * batch)
        each = max(three - first, 0) / 2
        return first + each * (images / batch - 1)

    def _judged(self, images: int) -> float:
        """Seconds to judge so many of the held-out images."""
        split = stratified_subset(self._run.held_out, images, seed=0)
        started = self._clock()
        evaluate(self._run.judged, split, self._device, self._at_once)
        return self._clock() - started

    def _tell(self, judging: float) -> None:
        self._is_told = True
        peak, usable = memory.peak(self._device), memory.usable(self._device)
        forecast = Forecast(
            epochs=self._epochs,
            steps_per_epoch=self._run.cut.steps,
            batch_size=self._batch,
            seconds=self._epochs * (self._seconds_to_train + judging),
            step_seconds=self._seconds_an_image * self._batch,
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
        per_weight = 1 + moments_of(self._run.recipe.optimizer)
        fixed = self._at_begin + _FLOAT32 * per_weight * weights
        each = max(peak - fixed, 1) / self._at_once
        return max(int((usable - fixed) / each), 0) * self._run.cut.processes
