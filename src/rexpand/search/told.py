"""What a training tells of its progress, as data that passes between processes."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from rexpand.records import DetectionEpoch, Epoch
from rexpand.train import Forecast, Steps
from rexpand.train.progress import Follower

TrialProgress = Follower[Epoch | DetectionEpoch]  # of networks and of detectors

_SECONDS = 0.2  # between two messages on steps: a small network makes hundreds a second


@dataclass(frozen=True, kw_only=True)
class Begun:
    name: str
    epochs: int
    epoch: int
    images: int


@dataclass(frozen=True, kw_only=True)
class Advanced:
    images: int


@dataclass(frozen=True, kw_only=True)
class EpochEnded:
    epoch: Epoch | DetectionEpoch


@dataclass(frozen=True, kw_only=True)
class Expected:
    forecast: Forecast


@dataclass(frozen=True, kw_only=True)
class Alarmed:
    message: str


@dataclass(frozen=True, kw_only=True)
class Ended:
    pass


Event = Begun | Advanced | EpochEnded | Expected | Alarmed | Ended


class Telling:
    """A `train.Progress` that gives every call away as an event, steps put together."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._images = 0
        self._last = time.monotonic()

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._tell(Begun(name=name, epochs=epochs, epoch=epoch, images=images))

    def advance(self, images: int) -> None:
        self._images += images
        if time.monotonic() - self._last > _SECONDS:
            self._flush()

    def end_steps(self, steps: Steps) -> None:
        """The files of the training have them, and no bar shows them."""

    def end_epoch(self, epoch: Epoch | DetectionEpoch) -> None:
        self._flush()
        self._tell(EpochEnded(epoch=epoch))

    def expect(self, forecast: Forecast) -> None:
        self._tell(Expected(forecast=forecast))

    def alarm(self, message: str) -> None:
        self._tell(Alarmed(message=message))

    def end(self) -> None:
        self._tell(Ended())

    def _flush(self) -> None:
        self._tell(Advanced(images=self._images))
        self._images, self._last = 0, time.monotonic()


def replay(event: Event, progress: TrialProgress) -> None:
    """Make the call that an event stands for."""
    match event:
        case Begun():
            progress.begin(
                event.name, epochs=event.epochs, epoch=event.epoch, images=event.images
            )
        case Advanced():
            progress.advance(event.images)
        case EpochEnded():
            progress.end_epoch(event.epoch)
        case Expected():
            progress.expect(event.forecast)
        case Alarmed():
            progress.alarm(event.message)
        case Ended():
            progress.end()
