"""A training that a tracker follows: what it is told, and what happens if it fails."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, TypeVar

from rexpand.codec import to_content, to_line
from rexpand.cost import cost_of
from rexpand.documents import read_lines
from rexpand.errors import RecordError, printable
from rexpand.records import Epoch, read_record, write_atomic
from rexpand.records.record import METRICS_LINES, TRACKING
from rexpand.train.design import TrainingDesign, training_folder
from rexpand.train.metric_rows import NETWORK_ROWS, EpochRow, Rows, numbers_of
from rexpand.train.progress import Silence
from rexpand.train.trackers import tracker

AnyEpoch = TypeVar("AnyEpoch")


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What the run of a training is called at each tracker."""

    runs: Mapping[str, str]
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Description:
    """What a training is called at a tracker, and what it is, by names.

    Those of the recipe are as its file has them: recipe.schedule.kind.
    """

    title: str
    config: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Trackable(Generic[AnyEpoch]):
    """One kind of training as trackers are told of it: its folder described, its rows."""

    described: Callable[[Path], Description]
    rows: Rows[AnyEpoch]


class Tracked(Silence, Generic[AnyEpoch]):
    """Tells a tracker of the epochs of the training in a folder, a `train.Follower`.

    The training goes on whatever the tracker does: what fails is one alarm, after which
    the tracker hears no more. A run that goes on after a stop gets the epochs that it
    has not heard of, and none twice. Raises MissingExtraError or OutputError at once,
    where the tracker cannot be used here.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        alarm: Callable[[str], None],
        kind: Trackable[AnyEpoch],
    ) -> None:
        self._name, self._folder, self._alarm, self._kind = name, folder, alarm, kind
        self._tracker = tracker(name)
        self._is_open = False

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._guarded(self._open)

    def end_epoch(self, epoch: AnyEpoch) -> None:
        if self._is_open:
            self._guarded(lambda: self._log(self._kind.rows.row_of(epoch)))

    def end(self) -> None:
        if self._is_open:
            self._guarded(self._tracker.close)
        self._is_open = False

    def _open(self) -> None:
        told_of = self._kind.described(self._folder)
        path = self._folder / TRACKING
        known = read_record(Runs, path) if path.exists() else Runs(runs={})
        run = self._tracker.open(
            known.runs.get(self._name), told_of.title, self._folder, told_of.config
        )
        write_atomic(
            path, to_line(replace(known, runs={**known.runs, self._name: run}))
        )
        self._is_open = True
        told = self._tracker.told()
        lines = self._folder / METRICS_LINES
        for row in read_lines(lines, self._kind.rows.read, RecordError):
            if row is not None and row.epoch > told:
                self._log(row)

    def _log(self, row: EpochRow) -> None:
        self._tracker.log(row.epoch, numbers_of(row))

    def _guarded(self, work: Callable[[], None]) -> None:
        """Do what concerns the tracker alone; whatever it raises is one alarm."""
        try:
            with warnings.catch_warnings(action="ignore"):  # of its own libraries
                work()
        except Exception as error:  # a stranger's library, and a network
            self._is_open = False
            said = printable(" ".join(str(error).split()) or type(error).__name__)
            self._alarm(f"{self._name} hears no more of this training: {said}")


def _described(folder: Path) -> Description:
    """The training of a network."""
    design = training_folder(folder).read()
    return Description(
        title=f"{design.spec.name} {design.data} seed {design.seed}",
        config=_config(design),
    )


def _config(design: TrainingDesign) -> dict[str, Any]:
    cost = cost_of(design.spec)
    return {
        "network": design.spec.name,
        "channels": ",".join(map(str, design.spec.channels)),
        "params": cost.params,
        "macs": cost.macs,
        "data": design.data,
        "images": design.images,
        "seed": design.seed,
        "started_from": design.started_from,
        **flat(to_content(design.recipe), "recipe."),
        "spec": to_line(design.spec),
    }


def flat(content: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Values by their place in tables, which begins with `place`."""
    found: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{place}{name}.")
        else:
            found[f"{place}{name}"] = value
    return found


NETWORK_TRAINING = Trackable[Epoch](described=_described, rows=NETWORK_ROWS)
