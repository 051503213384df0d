"""What a training will take, foretold from its own first steps.

Nothing is run twice: the first steps are timed as they are, and the memory that they
took is read. Only a long training pays for more, some batches of held-out images that
are judged; a short one is foretold when its first epoch is over. Judging draws nothing
at random and leaves the network as it was, so that the weights stay the same, to the bit.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from rexpand.train import memory
from rexpand.train.evaluation import evaluate
from rexpand.train.optimization import moments_of

if TYPE_CHECKING:
    from rexpand.data.split import Split
    from rexpand.records import Epoch
    from rexpand.train.progress import Progress, Steps
    from rexpand.train.run import Run

LONG = 60.0  # seconds: what takes longer is worth a sentence, and a measurement
_WARM_UP = 2  # steps that are not timed: caches fill, and readers are ahead
_STEPS, _SECONDS = 5, 3.0  # that are timed at least
_FLOAT32 = 4  # bytes


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What the `epochs` left of a training take, judging and all, and its memory.

    Patience may end it sooner. A step is one of the optimiser, of a whole batch, and
    `measured_steps` of them were timed. Bytes are of this process or, on a GPU, of
    tensors there; batches of `largest_batch` at a time would just fit into `usable_bytes`.
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    seconds: float
    step_seconds: float
    evaluation_seconds: float
    measured_steps: int
    peak_bytes: int
    usable_bytes: int
    largest_batch: int

    @property
    def fits(self) -> bool:
        """Whether there is as much memory as it takes."""
        return self.peak_bytes <= self.usable_bytes


class Foretelling:
    """A `Progress` that passes on what it hears, and once tells what the rest takes."""

    def __init__(
        self,
        run: "Run",
        progress: "Progress",
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
        self._progress.begin(name, epochs=epochs, epoch=epoch, images=images)
        self._began = self._clock()

    def advance(self, images: int) -> None:
        self._progress.advance(images)
        if self._is_told:
            return
        self._last = self._clock()
        self._steps += 1
        self._images += images
        if self._steps == _WARM_UP:
            self._warm, self._warm_images = self._last, self._images
        is_long = self._epochs * self._seconds_to_train > LONG
        if is_long and self._is_measured:
            self._tell(self._seconds_to_judge())

    def end_steps(self, steps: "Steps") -> None:
        self._progress.end_steps(steps)

    def end_epoch(self, epoch: "Epoch") -> None:
        judging = self._clock() - self._last
        self._progress.end_epoch(epoch)
        if not self._is_told:
            self._tell(judging)

    def expect(self, forecast: Forecast) -> None:
        self._progress.expect(forecast)

    def alarm(self, message: str) -> None:
        self._progress.alarm(message)

    def end(self) -> None:
        self._progress.end()

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
        """Of the held-out images that a process judges, measured on the first of them.

        The other processes of a training wait: they meet this one in the next step.
        """
        batch, held_out = self._at_once, self._run.held_out
        images = -(-len(held_out) // self._run.cut.processes)
        if images <= 3 * batch:
            return self._judged(held_out.subset(range(images)))
        first = self._judged(held_out.subset(range(batch)))
        three = self._judged(held_out.subset(range(3 * batch)))
        each = max(three - first, 0) / 2
        return first + each * (images / batch - 1)

    def _judged(self, split: "Split") -> float:
        """Seconds to judge a split."""
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
