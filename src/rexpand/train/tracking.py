"""A training that a tracker follows: what it is told, and what happens if it fails."""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rexpand.codec import to_content, to_line
from rexpand.cost import cost_of
from rexpand.documents import read_lines
from rexpand.errors import RecordError, printable
from rexpand.records import Epoch, read_record, write_atomic
from rexpand.records.record import METRICS_LINES, TRACKING
from rexpand.train.design import TrainingDesign, training_folder
from rexpand.train.metrics import EpochRow, epoch_of, epoch_row, numbers_of
from rexpand.train.progress import Silence
from rexpand.train.trackers import tracker


@dataclass(frozen=True, kw_only=True)
class Runs:
    """What the run of a training is called at each tracker."""

    runs: Mapping[str, str]
    version: int = 1


class Tracked(Silence):
    """Tells a tracker of the epochs of the training in a folder, a `train.Progress`.

    The training goes on whatever the tracker does: what fails is one alarm, after which
    the tracker hears no more. A run that goes on after a stop gets the epochs that it
    has not heard of, and none twice. Raises MissingExtraError or OutputError at once,
    where the tracker cannot be used here.
    """

    def __init__(self, name: str, folder: Path, alarm: Callable[[str], None]) -> None:
        self._name, self._folder, self._alarm = name, folder, alarm
        self._tracker = tracker(name)
        self._is_open = False

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._guarded(self._open)

    def end_epoch(self, epoch: Epoch) -> None:
        if self._is_open:
            self._guarded(lambda: self._log(epoch_row(epoch)))

    def end(self) -> None:
        if self._is_open:
            self._guarded(self._tracker.close)
        self._is_open = False

    def _open(self) -> None:
        design = training_folder(self._folder).read()
        path = self._folder / TRACKING
        known = read_record(Runs, path) if path.exists() else Runs(runs={})
        title = f"{design.spec.name} {design.data} seed {design.seed}"
        run = self._tracker.open(
            known.runs.get(self._name), title, self._folder, _config(design)
        )
        write_atomic(
            path, to_line(replace(known, runs={**known.runs, self._name: run}))
        )
        self._is_open = True
        told = self._tracker.told()
        for row in read_lines(self._folder / METRICS_LINES, epoch_of, RecordError):
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


def _config(design: TrainingDesign) -> dict[str, Any]:
    """What the run is, by names as a recipe's file has them: recipe.schedule.kind."""
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
        **_flat(to_content(design.recipe), "recipe."),
        "spec": to_line(design.spec),
    }


def _flat(content: Mapping[str, Any], place: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{place}{name}.")
        else:
            found[f"{place}{name}"] = value
    return found
