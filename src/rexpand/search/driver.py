"""The search: draw configurations, train each for its seeds, keep the study.

A driver hands tasks to workers and their outcome to the study's storage, which sees no
worker and draws no sample. Whatever is killed, the next driver finds in the storage what
is done, and in the trials' folders how far the rest is.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rexpand.codec import to_content
from rexpand.records import Record, Workers, in_turn, is_at_work, merged
from rexpand.search.design import StudyDesign
from rexpand.search.measured import above_a_bound
from rexpand.search.queueing import queue
from rexpand.search.stopping import Stopping
from rexpand.search.storage import LEASE_SECONDS, LostTrial, StudyStorage, Taken
from rexpand.search.stored import storage_of
from rexpand.search.task import StudyProgress, Task

_PAUSE = 1.0  # seconds between two looks at what other drivers leave


@dataclass(kw_only=True)
class _Running:
    """A trial under way: the records of its finished seeds, in order.

    One that `waits` has come to a rung before others of its cohort.
    """

    trial: Taken
    records: list[Record] = field(default_factory=list)
    epoch: int = 0
    waits: bool = False
    is_lost: bool = False


def search(
    design: StudyDesign,
    folder: str | Path,
    workers: Workers[Task, Record],
    progress: StudyProgress,
    data_root: str | Path | None = None,
    *,
    lease: float = LEASE_SECONDS,
) -> None:
    """Run a study to its end, from wherever its folder and its storage stand.

    In a database it may have several drivers, each with its own folder or in a shared
    one; a trial of a driver that is not heard of for `lease` seconds goes to another.
    Raises StudyError if another driver is at work in the folder of a study that is not
    in a database, StorageError and OutputError as its storage does, BudgetError and
    DataError as `sample` and `load` do.
    """
    data_root = None if data_root is None else Path(data_root)
    folder = Path(folder)
    with storage_of(folder, lease) as storage, workers:
        design = storage.join(design)
        _drive(_Study(design, folder, storage, data_root, progress), workers, progress)


class _Study:
    """The design and the place of a study: which task comes next, what a record means."""

    def __init__(
        self,
        design: StudyDesign,
        folder: Path,
        storage: StudyStorage,
        data_root: Path | None,
        progress: StudyProgress,
    ) -> None:
        self.design = design
        self.folder = folder
        self.storage = storage
        self.data_root = data_root
        self._progress = progress
        self._stopping = Stopping(design, storage)
        self._waiting: list[_Running] = []
        self._in_use: list[_Running] = []
        self._above = above_a_bound(folder)

    def next(self) -> tuple[_Running, Task] | None:
        """A trial to run and its next task, if there is one now."""
        running = self._released() or self._freed() or self._taken()
        if running is None and queue(self.design, self.storage):
            running = self._taken()
        return (running, self.task(running)) if running else None

    def is_over(self) -> bool:
        """Whether every trial has ended, also of a study that others extended."""
        count = self.storage.count()
        return self.storage.finished() == count >= self.design.trials

    def task(self, running: _Running) -> Task:
        """The next seed of a trial; the first one pauses where its rule may stop it."""
        seed, trial = len(running.records), running.trial
        pause = self._stopping.pause(trial.number, running.epoch)
        return Task(
            trial=f"trial {trial.number}",
            spec=self.design.spec.with_channels(trial.channels),
            recipe=self.design.recipe,
            seed=seed,
            data=self.design.data,
            data_root=self.data_root,
            train_subset=self.design.train_subset,
            subset_seed=self.design.sampling_seed,
            folder=self._place(trial) / f"seed-{seed}",
            until_epoch=pause if seed == 0 else None,
        )

    def follow(self, running: _Running, record: Record) -> Task | None:
        """Note a record; the next task of the trial, None if it is over or lost."""
        try:
            return self.task(running) if self._note(running, record) else None
        except LostTrial:
            running.is_lost = True
            return None

    def _note(self, running: _Running, record: Record) -> bool:
        """Note a record; whether the trial goes on."""
        trial, design = running.trial, self.design
        first = {each.epoch: each.accuracy for each in record.epochs}
        self.storage.report(trial, {} if running.records else first)
        running.epoch = len(record.epochs)
        if running.epoch < design.recipe.epochs and not record.stopped_early:
            return self._goes_on(running, first)
        running.records.append(record)
        if len(running.records) < design.seeds:
            return True
        accuracy = _mean([each.accuracy for each in running.records])
        self.storage.complete(trial, accuracy, _outcome(running.records))
        return False

    def _goes_on(self, running: _Running, accuracies: Mapping[int, float]) -> bool:
        """Whether a trial that pauses goes on now; it may have to wait, or is stopped."""
        verdict = self._stopping.verdict(running.trial.number, accuracies)
        if verdict == "stop":
            self.storage.prune(running.trial)
        elif verdict == "wait":
            running.waits = True
            self._waiting.append(running)
        return verdict == "go on"

    def _released(self) -> _Running | None:
        """A trial that waited at a rung and goes on; those that do not are stopped."""
        waiting, self._waiting = self._waiting, []
        places = [(each.trial.number, each.epoch) for each in waiting]
        found = None
        for each, verdict in zip(waiting, self._stopping.verdicts(places), strict=True):
            if verdict == "stop":
                self._stop(each)
            elif verdict == "go on" and found is None:
                found, each.waits = each, False
            else:
                self._waiting.append(each)
        return found

    def _stop(self, running: _Running) -> None:
        """Stop a trial that waited."""
        try:
            self.storage.prune(running.trial)
            self._progress.end_trial(running.trial.number, None)
        except LostTrial:
            running.is_lost = True

    def _taken(self) -> _Running | None:
        """A trial that the storage gives, that nobody trains and no bound excludes."""
        while trial := self.storage.take():
            if trial.number in self._above:
                self.storage.prune(trial)
                continue
            running = _Running(trial=trial)
            if trial.number >= self.design.trials:  # others were asked for more
                self.design = self.storage.join(self.design)
                self._stopping = Stopping(self.design, self.storage)
            if not self._is_in_use(running):
                return running
            self._in_use.append(running)
        return None

    def _freed(self) -> _Running | None:
        """A trial whose former driver has stopped training it."""
        for running in self._in_use:
            if not self._is_in_use(running):
                self._in_use.remove(running)
                return running
        return None

    def _is_in_use(self, running: _Running) -> bool:
        """Whether a driver that lost the trial still trains it, in a shared folder."""
        return any(map(is_at_work, self._place(running.trial).glob("seed-*")))

    def _place(self, trial: Taken) -> Path:
        return self.folder / "trials" / f"{trial.number:04d}"


def _outcome(records: list[Record]) -> dict[str, object]:
    """What the study keeps of a trial's records; the records stay in their folders."""
    norms = [r.nuclear_norm for r in records if r.nuclear_norm is not None]
    ranks = [r.effective_rank for r in records if r.effective_rank is not None]
    return {
        "seeds": [r.seed for r in records],
        "accuracies": [r.accuracy for r in records],
        "evaluated_on": records[0].evaluated_on,
        "nuclear_norm": _mean(norms) if norms else None,
        "effective_rank": _mean(ranks) if ranks else None,
        "seconds": sum(r.seconds for r in records),
        "provenances": to_content(merged(r.provenance for r in records)),
    }


def _drive(
    study: _Study, workers: Workers[Task, Record], progress: StudyProgress
) -> None:
    """Run every trial that is left, seed by seed, until the study is over.

    Trials of other drivers are waited for: one of them may die.
    """
    queue(study.design, study.storage)
    progress.begin(
        trials=max(study.storage.count(), study.design.trials),
        finished=study.storage.finished(),
        seeds=study.design.seeds,
    )
    while True:
        for running, _ in in_turn(study.next, workers, study.follow):
            if not running.is_lost and not running.waits:
                progress.end_trial(running.trial.number, _accuracy(study, running))
        if study.is_over():
            return
        time.sleep(_PAUSE)


def _accuracy(study: _Study, running: _Running) -> float | None:
    """The accuracy of a finished trial, None if it was pruned."""
    if len(running.records) < study.design.seeds:
        return None
    return _mean([each.accuracy for each in running.records])


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
