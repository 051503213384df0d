"""How fast a network trains here, measured on its first steps."""

import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rexpand.data.dataset import DataSet
from rexpand.recipe import Recipe
from rexpand.spec import SpecLike
from rexpand.train import Silence, Start, Teacher, train

_STEPS = 4  # that are timed; the first of all is not
_SECONDS = 8.0  # after which fewer do
_FORWARD = 3  # a step is about three forward passes; judging is one
_EPOCHS = 1_000  # so that the training is not over before it is timed


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Images per second of training, and the seconds before the first step."""

    images_per_second: float
    ready_seconds: float

    def epoch_seconds(self, images: int, judged: int) -> float:
        """Of an epoch of so many images, after which so many others are judged."""
        return (images + judged / _FORWARD) / self.images_per_second


def pace_of(
    spec: SpecLike,
    recipe: Recipe,
    data: DataSet,
    *,
    start: Start | None = None,
    teacher: Teacher | None = None,
) -> Pace:
    """Train for a few steps in a folder that is removed again."""
    watch = _Watch()
    with TemporaryDirectory(prefix="rexpand.") as folder, suppress(_Enough):
        train(
            spec,
            recipe.with_epochs(_EPOCHS),
            data,
            folder=Path(folder, "timed"),
            start=start,
            teacher=teacher,
            progress=watch,
        )
    return watch.pace


class _Enough(Exception):
    """The steps are timed."""


class _Watch(Silence):
    def __init__(self) -> None:
        self._began = self._first = self._last = time.perf_counter()
        self._steps = self._images = 0
        self._judging = 0.0  # no part of a step

    def advance(self, images: int) -> None:
        now = time.perf_counter()
        self._steps += 1
        if self._steps == 1:
            self._first = now
        else:
            self._images += images
        self._last = now
        if self._steps > _STEPS or (self._steps > 1 and now - self._first > _SECONDS):
            raise _Enough

    def end_epoch(self, epoch: object) -> None:
        self._judging += time.perf_counter() - self._last

    @property
    def pace(self) -> Pace:
        return Pace(
            images_per_second=self._images / (self._last - self._first - self._judging),
            ready_seconds=self._first - self._began,
        )
