"""The lines of the metric files: an epoch or some steps each.

Epochs and steps are counted from 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic, Literal, TypeVar

from rexpand.codec import from_content
from rexpand.records import Epoch
from rexpand.train.progress import Steps

AnyEpoch = TypeVar("AnyEpoch")


@dataclass(frozen=True, kw_only=True)
class EpochRow:
    """An epoch as a line; those of each kind of training have its measures too."""

    kind: Literal["epoch"] = "epoch"
    epoch: int


@dataclass(frozen=True, kw_only=True)
class NetworkRow(EpochRow):
    """An epoch of a network; `accuracy` is in percent."""

    loss: float
    accuracy: float
    held_out_loss: float
    learning_rate: float
    images_per_second: float
    seconds: float | None


@dataclass(frozen=True, kw_only=True)
class StepsRow:
    """Some steps as a line: the mean loss since the row before, and the last rate."""

    kind: Literal["steps"] = "steps"
    step: int
    epoch: int
    loss: float
    learning_rate: float


Row = EpochRow | StepsRow
_PLACES = ("kind", "epoch", "step")  # of a row; its other values are drawn over them


@dataclass(frozen=True, kw_only=True)
class Rows(Generic[AnyEpoch]):
    """How the epochs of one kind of training are written.

    `curves` are further numbers of an epoch by group and name, which are drawn alone.
    """

    kind: type[EpochRow]
    row_of: Callable[[AnyEpoch], EpochRow]
    curves: Callable[[AnyEpoch], Mapping[str, Mapping[str, float]]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the table of epochs."""
        return tuple(each.name for each in fields(self.kind) if each.name != "kind")

    def read(self, content: Any) -> EpochRow | None:
        """The row of an epoch, None for one of steps."""
        if isinstance(content, dict) and content.get("kind") == "epoch":
            return from_content(self.kind, content)
        return None


def steps_read(content: Any) -> StepsRow | None:
    """The row of some steps, None for one of an epoch."""
    if isinstance(content, dict) and content.get("kind") == "steps":
        return from_content(StepsRow, content)
    return None


def steps_row(steps: Steps) -> StepsRow:
    """Some steps as the files have them."""
    return StepsRow(
        step=steps.step,
        epoch=steps.epoch + 1,
        loss=steps.loss,
        learning_rate=steps.learning_rate,
    )


def numbers_of(row: Row) -> dict[str, float]:
    """What is drawn over the epochs or the steps of a row, by name."""
    content = asdict(row)
    drawn = {name: content[name] for name in content if name not in _PLACES}
    return {name: value for name, value in drawn.items() if value is not None}


def _network_row(epoch: Epoch) -> NetworkRow:
    return NetworkRow(
        epoch=epoch.epoch + 1,
        loss=epoch.loss,
        accuracy=epoch.accuracy,
        held_out_loss=epoch.held_out_loss,
        learning_rate=epoch.learning_rate,
        images_per_second=epoch.images_per_second,
        seconds=epoch.seconds,
    )


def _ranks(epoch: Epoch) -> dict[str, dict[str, float]]:
    ranks = {rank.block: rank.effective_rank for rank in epoch.block_ranks}
    return {"effective_rank": ranks}


NETWORK_ROWS = Rows[Epoch](kind=NetworkRow, row_of=_network_row, curves=_ranks)
