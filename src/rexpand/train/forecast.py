"""What a training is expected to take, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """What the `epochs` left of a training take, judging and all, and its memory.

    The held-out images are judged `evaluations` times, each in `evaluation_seconds`.
    Patience may end it sooner. A step is one of the optimiser, of a whole batch, and
    `measured_steps` of them were timed. Bytes are of this process or, on a GPU, of
    tensors there; batches of `largest_batch` at a time would just fit into `usable_bytes`.
    """

    epochs: int
    steps_per_epoch: int
    batch_size: int
    seconds: float
    step_seconds: float
    evaluations: int
    evaluation_seconds: float
    measured_steps: int
    peak_bytes: int
    usable_bytes: int
    largest_batch: int

    @property
    def fits(self) -> bool:
        """Whether there is as much memory as it takes."""
        return self.peak_bytes <= self.usable_bytes
