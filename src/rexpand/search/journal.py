"""The study's storage: Optuna's journal file, so that optuna-dashboard shows it.

Trial n holds configuration n of the sample. A trial that was running when its driver
died is simply run on: its seeds' records and states lie in its folder.
"""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rexpand.budget import Sample
from rexpand.errors import MissingExtraError
from rexpand.records.files import writing
from rexpand.search.design import StudyDesign, drawn
from rexpand.search.journal_lines import check_journal, params_of

if TYPE_CHECKING:
    import optuna

_FILE = "journal.log"


def open_study(folder: Path) -> "optuna.Study":
    """The study in a folder, made if there is none. The caller is its only driver.

    A new one gets the name of the folder, which the dashboard shows; it is found as the
    only one of its journal, because folders are moved and renamed.
    """
    optuna = _optuna()
    path = folder / _FILE
    if path.exists():
        check_journal(path)
        _mend(path)
    storage = _storage(path)
    return optuna.create_study(
        study_name=_name(storage) or folder.resolve().name,
        storage=storage,
        direction="maximize",
        sampler=optuna.samplers.RandomSampler(seed=0),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1),
        load_if_exists=True,
    )


def read_trials(folder: Path) -> "list[optuna.trial.FrozenTrial]":
    """Every trial of a study, in order, without disturbing its driver."""
    optuna = _optuna()
    path = folder / _FILE
    if not path.exists():
        return []
    check_journal(path)
    storage = _storage(path)
    name = _name(storage)
    if name is None:
        return []
    return optuna.load_study(study_name=name, storage=storage).get_trials(
        deepcopy=False
    )


def enqueue(study: "optuna.Study", design: StudyDesign) -> None:
    """Queue the configurations that are not in the study yet."""
    queued = len(study.get_trials(deepcopy=False))
    if queued == design.trials:
        return
    configurations = drawn(design)
    for index in range(queued, design.trials):
        study.enqueue_trial(
            params_of(configurations.channels[index].tolist()),
            user_attrs={
                "channels": configurations.channels[index].tolist(),
                "shape": configurations.shapes[index],
                "macs": int(configurations.macs[index]),
                "params": int(configurations.params[index]),
                "predicted_latency_ms": _predicted(configurations, index),
            },
        )


def _predicted(configurations: Sample, index: int) -> float | None:
    """What the study's latency table predicts for a configuration, if it has one."""
    found = configurations.latency_ms
    return None if found is None else float(found[index])


def next_trial(study: "optuna.Study") -> "optuna.Trial":
    """Take the next configuration off the queue."""
    optuna = _optuna()
    trial = study.ask()
    channels = trial.user_attrs["channels"]
    for name, width in params_of(channels).items():
        trial.suggest_int(name, 1, 10 * max(channels))
        assert trial.params[name] == width
    assert isinstance(trial, optuna.Trial)
    return trial


def interrupted(study: "optuna.Study") -> "list[optuna.Trial]":
    """The trials that were running when the last driver died."""
    optuna = _optuna()
    running = study.get_trials(
        deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)
    )
    return [optuna.Trial(study, trial._trial_id) for trial in running]


def _name(storage: "optuna.storages.JournalStorage") -> str | None:
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
        path.with_name(f"{_FILE}.lock").unlink(missing_ok=True)


def _storage(path: Path) -> "optuna.storages.JournalStorage":
    from rexpand.search.journal_file import JournalFile

    return _optuna().storages.JournalStorage(JournalFile(path))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise MissingExtraError("optuna", "search") from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna
