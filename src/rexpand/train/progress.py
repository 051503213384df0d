"""How a run tells of its progress, without knowing to whom."""

from typing import Protocol


class Progress(Protocol):
    """Hears of every step and every epoch."""

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        """A run of `epochs` starts, or goes on, at `epoch`; an epoch has `images`."""

    def advance(self, images: int) -> None:
        """So many images were trained on."""

    def end_epoch(self, epoch: int, *, loss: float, accuracy: float) -> None:
        """An epoch is over, at a mean training loss and an accuracy in percent."""

    def alarm(self, message: str) -> None:
        """Something is wrong that does not stop the run."""

    def end(self) -> None:
        """The run is over, and its record is written."""


class Silence:
    """Tells nobody."""

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None: ...

    def advance(self, images: int) -> None: ...

    def end_epoch(self, epoch: int, *, loss: float, accuracy: float) -> None: ...

    def alarm(self, message: str) -> None: ...

    def end(self) -> None: ...
