"""The search: draw configurations, train each for its seeds, keep the study.

One driver owns the study; workers see tasks and give records. Whatever is killed, the
next driver finds in the journal what is done, and in the trials' folders how far the
rest is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.codec import to_content
from rexpand.records import Record, Workers, in_turn, merged
from rexpand.search.design import StudyDesign, study_folder
from rexpand.search.journal import enqueue, interrupted, next_trial, open_study
from rexpand.search.task import StudyProgress, Task

if TYPE_CHECKING:
    import optuna


@dataclass(kw_only=True)
class _Running:
    """A trial under way: the records of its finished seeds, in order."""

    trial: "optuna.Trial"
    records: list[Record] = field(default_factory=list)
    epoch: int = 0


def search(
    design: StudyDesign,
    folder: str | Path,
    workers: Workers[Task, Record],
    progress: StudyProgress,
    data_root: str | Path | None = None,
) -> None:
    """Run a study to its end, from wherever its folder stands.

    Raises StudyError if another driver is at work, BudgetError and DataError as
    `sample` and `load` do.
    """
    data_root = None if data_root is None else Path(data_root)
    folder = Path(folder)
    with study_folder(folder).locked(), workers:
        study = open_study(folder)
        enqueue(study, design)
        _drive(_Study(design, folder, study, data_root), workers, progress)


class _Study:
    """The design and the place of a study: which task comes next, what a record means."""

    def __init__(
        self,
        design: StudyDesign,
        folder: Path,
        study: "optuna.Study",
        data_root: Path | None,
    ) -> None:
        self.design = design
        self.folder = folder
        self.study = study
        self.data_root = data_root

    def trials(self) -> Iterator[_Running]:
        """The trials to run: first those that a dead driver left, then the queue."""
        for trial in interrupted(self.study):
            yield _Running(trial=trial)
        for _ in range(self._waiting()):
            yield _Running(trial=next_trial(self.study))

    def finished(self) -> int:
        return sum(t.state.is_finished() for t in self.study.get_trials(deepcopy=False))

    def task(self, running: _Running) -> Task:
        """The next seed of a trial; the first one epoch by epoch if pruning may stop it."""
        seed = len(running.records)
        pauses = self.design.pruning and seed == 0
        number = running.trial.number
        return Task(
            trial=f"trial {number}",
            spec=self.design.spec.with_channels(running.trial.user_attrs["channels"]),
            recipe=self.design.recipe,
            seed=seed,
            data=self.design.data,
            data_root=self.data_root,
            train_subset=self.design.train_subset,
            subset_seed=self.design.sampling_seed,
            folder=self.folder / "trials" / f"{number:04d}" / f"seed-{seed}",
            until_epoch=running.epoch + 1 if pauses else None,
        )

    def follow(self, running: _Running, record: Record) -> Task | None:
        """Note a record; the next task of the trial, None if it is over."""
        return self.task(running) if self._take(running, record) else None

    def _take(self, running: _Running, record: Record) -> bool:
        """Note a record; whether the trial goes on."""
        if not running.records:
            self._report(running, record)
        running.epoch = len(record.epochs)
        if running.epoch < self.design.recipe.epochs and not record.stopped_early:
            if running.trial.should_prune():
                self._prune(running)
                return False
            return True
        running.records.append(record)
        if len(running.records) < self.design.seeds:
            return True
        self._complete(running)
        return False

    def _waiting(self) -> int:
        return sum(
            trial.state.name == "WAITING"
            for trial in self.study.get_trials(deepcopy=False)
        )

    def _report(self, running: _Running, record: Record) -> None:
        """The first seed's accuracy after each epoch, once each."""
        known = self.study.get_trials(deepcopy=False)[running.trial.number]
        for epoch in record.epochs:
            if epoch.epoch not in known.intermediate_values:
                running.trial.report(epoch.accuracy, epoch.epoch)

    def _prune(self, running: _Running) -> None:
        import optuna

        self.study.tell(running.trial, state=optuna.trial.TrialState.PRUNED)

    def _complete(self, running: _Running) -> None:
        records, trial = running.records, running.trial
        for name, value in _outcome(records).items():
            trial.set_user_attr(name, value)
        self.study.tell(trial, sum(r.accuracy for r in records) / len(records))


def _outcome(records: list[Record]) -> dict[str, object]:
    """What the study keeps of a trial's records; the records stay in their folders."""
    norms = [r.nuclear_norm for r in records if r.nuclear_norm is not None]
    ranks = [r.effective_rank for r in records if r.effective_rank is not None]
    return {
        "seeds": [r.seed for r in records],
        "accuracies": [r.accuracy for r in records],
        "evaluated_on": records[0].evaluated_on,
        "nuclear_norm": sum(norms) / len(norms) if norms else None,
        "effective_rank": sum(ranks) / len(ranks) if ranks else None,
        "seconds": sum(r.seconds for r in records),
        "provenances": to_content(merged(r.provenance for r in records)),
    }


def _drive(
    study: _Study, workers: Workers[Task, Record], progress: StudyProgress
) -> None:
    """Run every trial that is left, seed by seed."""
    design = study.design
    progress.begin(trials=design.trials, finished=study.finished(), seeds=design.seeds)
    trials = ((running, study.task(running)) for running in study.trials())
    for running, _ in in_turn(trials, workers, study.follow):
        progress.end_trial(running.trial.number, _accuracy(study, running))


def _accuracy(study: _Study, running: _Running) -> float | None:
    """The accuracy of a finished trial, None if it was pruned."""
    if len(running.records) < study.design.seeds:
        return None
    return sum(r.accuracy for r in running.records) / len(running.records)
