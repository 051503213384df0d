"""How the training of a detector tells of its progress, without knowing to whom."""

from typing import Protocol

from rexpand.records import DetectionEpoch


class DetectionProgress(Protocol):
    """Hears of every step and every epoch."""

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        """A run of `epochs` starts, or goes on, at `epoch`; an epoch has `images`."""

    def advance(self, images: int) -> None:
        """So many images were trained on."""

    def end_epoch(self, epoch: DetectionEpoch) -> None:
        """An epoch is over, and judged where that was its turn."""

    def alarm(self, message: str) -> None:
        """Something is wrong that does not stop the run."""

    def end(self) -> None:
        """The run is over, and its record is written."""


class Nobody:
    """Tells nobody."""

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None: ...

    def advance(self, images: int) -> None: ...

    def end_epoch(self, epoch: DetectionEpoch) -> None: ...

    def alarm(self, message: str) -> None: ...

    def end(self) -> None: ...
