"""A study in Optuna's journal file, so that optuna-dashboard shows it.

Trial n holds configuration n of the sample. A trial that was running when its driver
died is simply run on: its seeds' records and states lie in its folder.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Self

from rexpand.records.files import write_atomic, writing
from rexpand.search.configuration import Configuration, highest_of, params_of
from rexpand.search.design import StudyDesign, study_folder
from rexpand.search.journal_lines import check_journal, without_failures
from rexpand.search.optuna_library import optuna_library
from rexpand.search.storage import Standing, Taken

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.storages import JournalStorage
    from optuna.trial import FrozenTrial

FILE = "journal.log"


class Journal(AbstractContextManager["Journal"]):
    """The journal file of a study folder, made if there is none; a `StudyStorage`.

    One driver at a time: entering raises StudyError if another one is at work. A new
    study gets the name of the folder, which the dashboard shows; it is found as the only
    one of its journal, because folders are moved and renamed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / FILE
        self._trials: dict[int, Trial] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(study_folder(self._folder).locked())
            if self._path.exists():
                check_journal(self._path)
                _mend(self._path)
            self._open()
            self._close = stack.pop_all().close
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def join(self, design: StudyDesign) -> StudyDesign:
        return design  # the folder's, which nobody changes meanwhile

    def count(self) -> int:
        return len(self.trials())

    def finished(self) -> int:
        return sum(trial.state.is_finished() for trial in self.trials())

    def trials(self) -> "list[FrozenTrial]":
        return self._study.get_trials(deepcopy=False)

    def failed(self) -> int:
        return sum(1 for _ in self._in_state("FAIL"))

    def add(self, configurations: Sequence[Configuration], first: int) -> None:
        with self._file.together():
            for each in configurations[self.count() - first :]:
                self._study.enqueue_trial(
                    params_of(each.channels), user_attrs=asdict(each)
                )

    def take(self) -> Taken | None:
        trial = next(self._interrupted, None) or self._next()
        if trial is None:
            return None
        channels = tuple(trial.user_attrs["channels"])
        self._trials[trial.number] = trial
        return Taken(number=trial.number, channels=channels)

    def report(self, trial: Taken, accuracies: Mapping[int, float]) -> None:
        known = self._known(trial)
        with self._file.together(lasts=False):
            for epoch, accuracy in accuracies.items():
                if epoch not in known:
                    self._trials[trial.number].report(accuracy, epoch)

    def standings(self, epoch: int) -> Sequence[Standing]:
        trials = self._study.get_trials(deepcopy=False)
        return [
            Standing(
                number=each.number,
                accuracy=each.intermediate_values.get(epoch),
                final=each.value if each.state.name == "COMPLETE" else None,
            )
            for each in trials
            if epoch in each.intermediate_values or each.state.is_finished()
        ]

    def prune(self, trial: Taken) -> None:
        state = optuna_library().trial.TrialState.PRUNED
        self._study.tell(self._trials.pop(trial.number), state=state)

    def complete(
        self, trial: Taken, accuracy: float, outcome: Mapping[str, object]
    ) -> None:
        told = self._trials.pop(trial.number)
        with self._file.together():
            for name, value in outcome.items():
                told.set_user_attr(name, value)
            self._study.tell(told, accuracy)

    def fail(self, trial: Taken, reason: str) -> None:
        told = self._trials.pop(trial.number)
        with self._file.together():
            told.set_user_attr("failure", reason)
            self._study.tell(told, state=optuna_library().trial.TrialState.FAIL)

    def retry_failed(self) -> None:
        if self.failed():
            write_atomic(self._path, without_failures(self._path))
            self._open()

    def _open(self) -> None:
        optuna = optuna_library()  # first: it says which extra is missing
        from rexpand.search.journal_file import JournalFile

        self._file = JournalFile(self._path)
        storage = optuna.storages.JournalStorage(self._file)
        self._study: Study = optuna.create_study(
            study_name=_name(storage) or self._folder.resolve().name,
            storage=storage,
            direction="maximize",
            sampler=optuna.samplers.RandomSampler(seed=0),
            load_if_exists=True,
        )
        self._interrupted = self._in_state("RUNNING")

    def _next(self) -> "Trial | None":
        """Take the next configuration off the queue."""
        if next(self._in_state("WAITING"), None) is None:
            return None
        with self._file.together(lasts=False):
            trial = self._study.ask()
            channels = trial.user_attrs["channels"]
            for name, width in params_of(channels).items():
                trial.suggest_int(name, 1, highest_of(channels))
                assert trial.params[name] == width
        return trial

    def _in_state(self, name: str) -> "Iterator[Trial]":
        optuna = optuna_library()
        found = self._study.get_trials(
            deepcopy=False, states=[optuna.trial.TrialState[name]]
        )
        return (optuna.Trial(self._study, trial._trial_id) for trial in found)

    def _known(self, trial: Taken) -> Mapping[int, float]:
        """The accuracies after each epoch that were reported, by epoch."""
        told = self._trials[trial.number]
        known: Mapping[int, float] = told.storage.get_trial(
            told._trial_id
        ).intermediate_values
        return known


def read_journal(folder: Path) -> "list[FrozenTrial]":
    """Every trial of a study, in order, without disturbing its driver."""
    optuna = optuna_library()  # first: it says which extra is missing
    from rexpand.search.journal_file import JournalFile

    path = folder / FILE
    if not path.exists():
        return []
    check_journal(path)
    storage = optuna.storages.JournalStorage(JournalFile(path))
    name = _name(storage)
    if name is None:
        return []
    return optuna.load_study(study_name=name, storage=storage).get_trials(
        deepcopy=False
    )


def _name(storage: "JournalStorage") -> str | None:
    """The name of the journal's study, None before there is one."""
    studies = storage.get_all_studies()
    return studies[0].study_name if studies else None


def _mend(path: Path) -> None:
    """Drop the torn last line and the stale lock that a killed driver leaves.

    A line without its end was never read by anybody: the operation did not happen.
    """
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    with writing(path, "the trials in it are kept"):
        if whole < len(content):
            with path.open("rb+") as file:
                file.truncate(whole)
        path.with_name(f"{FILE}.lock").unlink(missing_ok=True)
