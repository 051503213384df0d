"""How a run tells of its progress, without knowing to whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from rexpand.records import Epoch
from rexpand.train.forecast import Forecast

AnyEpoch = TypeVar("AnyEpoch", contravariant=True)


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Some steps of an epoch, of which `step` is the last, counted from 1 over all epochs.

    `loss` is the mean over their images, `learning_rate` that of the last one.
    """

    step: int
    epoch: int
    loss: float
    learning_rate: float


class Follower(Protocol[AnyEpoch]):
    """Hears of every step and every epoch, which are of networks or of detectors."""

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        """A run of `epochs` starts, or goes on, at `epoch`; an epoch has `images`."""

    def advance(self, images: int) -> None:
        """So many images were trained on."""

    def end_steps(self, steps: Steps) -> None:
        """Some steps are over."""

    def end_epoch(self, epoch: AnyEpoch) -> None:
        """An epoch is over, and judged where that was its turn."""

    def expect(self, forecast: Forecast) -> None:
        """What the rest takes, once its first steps have told."""

    def alarm(self, message: str) -> None:
        """Something is wrong that does not stop the run."""

    def end(self) -> None:
        """The run is over, and its record is written."""


Progress = Follower[Epoch]


class Silence:
    """Tells nobody."""

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None: ...

    def advance(self, images: int) -> None: ...

    def end_steps(self, steps: Steps) -> None: ...

    def end_epoch(self, epoch: Any) -> None: ...

    def expect(self, forecast: Forecast) -> None: ...

    def alarm(self, message: str) -> None: ...

    def end(self) -> None: ...


class Listeners(Generic[AnyEpoch]):
    """Tells several, in their order."""

    def __init__(self, listeners: Sequence[Follower[AnyEpoch]]) -> None:
        self._listeners = tuple(listeners)

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        for each in self._listeners:
            each.begin(name, epochs=epochs, epoch=epoch, images=images)

    def advance(self, images: int) -> None:
        for each in self._listeners:
            each.advance(images)

    def end_steps(self, steps: Steps) -> None:
        for each in self._listeners:
            each.end_steps(steps)

    def end_epoch(self, epoch: AnyEpoch) -> None:
        for each in self._listeners:
            each.end_epoch(epoch)

    def expect(self, forecast: Forecast) -> None:
        for each in self._listeners:
            each.expect(forecast)

    def alarm(self, message: str) -> None:
        for each in self._listeners:
            each.alarm(message)

    def end(self) -> None:
        for each in self._listeners:
            each.end()
