"""The course of a study: which task comes next, and what its outcome means."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rexpand.codec import to_content
from rexpand.recipe import Recipe
from rexpand.records import is_at_work, merged
from rexpand.search.design import StudyDesign
from rexpand.search.failures import Failure
from rexpand.search.measured import above_a_bound
from rexpand.search.queueing import queue
from rexpand.search.result import Result, TrialRecord, result_of
from rexpand.search.stopping import Stopping
from rexpand.search.storage import LostTrial, StudyStorage, Taken
from rexpand.search.task import SearchProgress, Task


@dataclass(kw_only=True, eq=False)
class Running:
    """A trial under way: the results of its finished seeds, in order.

    One that `waits` has come to a rung before others of its cohort. One that is lost is
    another driver's. `failure` is the reason why it failed.
    """

    trial: Taken
    results: list[Result] = field(default_factory=list)
    epoch: int = 0
    waits: bool = False
    is_lost: bool = False
    failure: str | None = None
    spares_memory: bool = False


class Course:
    """The trials of a study as one driver runs them."""

    def __init__(
        self,
        design: StudyDesign,
        folder: Path,
        storage: StudyStorage,
        data_root: Path | None,
        progress: SearchProgress,
    ) -> None:
        self.design = design
        self.folder = folder
        self.storage = storage
        self.data_root = data_root
        self._progress = progress
        self._stopping = Stopping(design, storage)
        self._waiting: list[Running] = []
        self._in_use: list[Running] = []
        self._above = above_a_bound(folder)

    def next(self) -> tuple[Running, Task] | None:
        """A trial to run and its next task, if there is one now."""
        running = self._released() or self._freed() or self._taken()
        if running is None and queue(self.design, self.storage):
            running = self._taken()
        return (running, self.task(running)) if running else None

    def left(self) -> int:
        """How many trials are not over, also of a study that others extended."""
        every = max(self.storage.count(), self.design.trials)
        return every - self.storage.finished()

    def task(self, running: Running) -> Task:
        """The next seed of a trial; the first one pauses where its rule may stop it."""
        seed, trial = len(running.results), running.trial
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
            spares_memory=running.spares_memory,
            detector=self.design.detector,
        )

    def follow(self, running: Running, outcome: TrialRecord | Failure) -> Task | None:
        """Note an outcome; the next task of the trial, None if it is over or lost."""
        try:
            if isinstance(outcome, Failure):
                goes_on = self._retries(running, outcome)
            else:
                goes_on = self._note(running, result_of(outcome))
            return self.task(running) if goes_on else None
        except LostTrial:
            self._lose(running)
            return None

    def _lose(self, running: Running) -> None:
        running.is_lost = True
        self._progress.tell(
            f"trial {running.trial.number} went to another driver, which had not heard "
            "of this one for the time of its lease"
        )

    def _note(self, running: Running, result: Result) -> bool:
        """Note a result; whether the trial goes on."""
        trial, design = running.trial, self.design
        self.storage.report(trial, {} if running.results else result.curve)
        running.epoch = result.epochs
        if running.epoch < design.recipe.epochs and not result.stopped_early:
            return self._goes_on(running, result.curve)
        running.results.append(result)
        if len(running.results) < design.seeds:
            return True
        accuracy = mean([each.accuracy for each in running.results])
        self.storage.complete(trial, accuracy, _outcome(running.results))
        return False

    def _goes_on(self, running: Running, accuracies: Mapping[int, float]) -> bool:
        """Whether a trial that pauses goes on now; it may have to wait, or is stopped."""
        verdict = self._stopping.verdict(running.trial.number, accuracies)
        if verdict == "stop":
            self.storage.prune(running.trial)
        elif verdict == "wait":
            running.waits = True
            self._waiting.append(running)
        return verdict == "go on"

    def _released(self) -> Running | None:
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

    def _stop(self, running: Running) -> None:
        """Stop a trial that waited."""
        try:
            self.storage.prune(running.trial)
            self._progress.end_trial(running.trial.number, None)
        except LostTrial:
            self._lose(running)

    def _retries(self, running: Running, failure: Failure) -> bool:
        """Whether a trial that failed is tried again with less memory; else it is over."""
        recipe = self.design.recipe
        can_spare = isinstance(recipe, Recipe) and not recipe.checkpointing
        if failure.wants_memory and can_spare and not running.spares_memory:
            running.spares_memory = True
            self._progress.tell(f"{failure.reason}; it is tried with checkpointing now")
            return True
        self.storage.fail(running.trial, failure.reason)
        running.failure = failure.reason
        return False

    def _taken(self) -> Running | None:
        """A trial that the storage gives, that nobody trains and no bound excludes."""
        while trial := self.storage.take():
            if trial.number in self._above:
                self.storage.prune(trial)
                continue
            running = Running(trial=trial)
            if trial.number >= self.design.trials:  # others were asked for more
                self.design = self.storage.join(self.design)
                self._stopping = Stopping(self.design, self.storage)
            is_in_use = self._is_in_use(running)
            if trial.was_anothers:
                self._progress.tell(_taken_over(trial, is_in_use))
            if not is_in_use:
                return running
            self._in_use.append(running)
        return None

    def _freed(self) -> Running | None:
        """A trial whose former driver has stopped training it."""
        for running in self._in_use:
            if not self._is_in_use(running):
                self._in_use.remove(running)
                return running
        return None

    def _is_in_use(self, running: Running) -> bool:
        """Whether a driver that lost the trial still trains it, in a shared folder."""
        return any(map(is_at_work, self._place(running.trial).glob("seed-*")))

    def _place(self, trial: Taken) -> Path:
        return self.folder / "trials" / f"{trial.number:04d}"


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _taken_over(trial: Taken, is_in_use: bool) -> str:
    when = ", once that one stops training it" if is_in_use else ""
    return f"trial {trial.number}, which another driver left, goes on here{when}"


def _outcome(results: list[Result]) -> dict[str, object]:
    """What the study keeps of a trial's results; the records stay in their folders."""
    norms = [r.nuclear_norm for r in results if r.nuclear_norm is not None]
    ranks = [r.effective_rank for r in results if r.effective_rank is not None]
    return {
        "seeds": [r.seed for r in results],
        "accuracies": [r.accuracy for r in results],
        "evaluated_on": results[0].evaluated_on,
        "nuclear_norm": mean(norms) if norms else None,
        "effective_rank": mean(ranks) if ranks else None,
        "seconds": sum(r.seconds for r in results),
        "provenances": to_content(merged(r.provenance for r in results)),
    }
