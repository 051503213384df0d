"""The services that are told of the epochs of a training."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from rexpand.train.progress import Follower
    from rexpand.train.tracking import Trackable

AnyEpoch = TypeVar("AnyEpoch")


class Tracker(StrEnum):
    """A service that is told of the epochs."""

    WANDB = "wandb"
    MLFLOW = "mlflow"


Track = Annotated[
    list[Tracker] | None,
    typer.Option(
        "--track",
        metavar="wandb|mlflow",
        help="Also report every epoch to this service; may be given twice.",
    ),
]


def check_trackers(trackers: Sequence[Tracker] | None) -> None:
    """Raise MistakeError for a service that cannot be used here."""
    from rexpand.train.trackers import tracker

    for each in trackers or ():
        tracker(each.value)


def followed(
    bar: "Follower[AnyEpoch]",
    trackers: Sequence[Tracker] | None,
    folder: Path,
    kind: "Trackable[AnyEpoch]",
) -> "Follower[AnyEpoch]":
    """The bar, and the trackers that hear of the training in the folder."""
    from rexpand.train.progress import Listeners
    from rexpand.train.tracking import Tracked

    heard = (Tracked(each.value, folder, bar.alarm, kind) for each in trackers or ())
    return Listeners((bar, *heard))
