"""How long a study will take, told before it begins: a prediction, from what it knows.

A study that has trained nothing yet is foretold by the first steps of one trial, with
as many threads as a worker has. One that goes on is foretold by its own trials.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from rexpand.errors import RexpandError
from rexpand.memory import is_exhaustion
from rexpand.search.design import StudyDesign, drawn
from rexpand.search.stored import read_trials
from rexpand.search.task import Task
from rexpand.search.trainer import Trainer
from rexpand.search.worker import NETWORKS
from rexpand.search.workers import Placement
from rexpand.train import Forecast

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial


@dataclass(frozen=True, kw_only=True)
class StudyForecast:
    """What the trainings that are left of a study take, so many `at_a_time`.

    Each is taken to last `training_seconds`, and not to be slower for those beside it.
    `measured` is the training whose first steps tell that; None where `trials` that are
    over tell it. Rules that stop trials early make it less.
    """

    trainings: int
    at_a_time: int
    training_seconds: float
    trials: int = 0
    measured: Forecast | None = None

    @property
    def seconds(self) -> float:
        """Of the rest of the study."""
        return self.of(self.trainings)

    def of(self, trainings: int) -> float:
        """Seconds of so many trainings."""
        together = max(min(self.at_a_time, trainings), 1)
        return trainings * self.training_seconds / together


def foretell_study(
    design: StudyDesign,
    folder: str | Path,
    placed: Placement,
    data_root: str | Path | None = None,
    trainer: Trainer[Any] = NETWORKS,
) -> StudyForecast | None:
    """What is left of the study in a folder takes; None where nobody can know.

    That is on a cluster, whose machines are not this one, and where its first steps or
    its storage fail: the study itself says why, or waits.
    """
    if placed.ray is not None:
        return None
    at_a_time, _ = placed.shared(torch.get_num_threads())
    try:
        found = read_trials(Path(folder))
        over = [trial for trial in found if trial.state.is_finished()]
        if over:
            return _by_trials(design, over, at_a_time)
        return foretell_fresh(design, placed, data_root, trainer)
    except Exception as error:
        if isinstance(error, RexpandError) or is_exhaustion(error):
            return None
        raise


def foretell_fresh(
    design: StudyDesign,
    placed: Placement,
    data_root: str | Path | None = None,
    trainer: Trainer[Any] = NETWORKS,
) -> StudyForecast:
    """What a study takes, by the first steps of its trial of middling memory access.

    It leaves nothing. Raises as `rexpand.train.plan` and `load` do.
    """
    trials = drawn(design)
    middle = np.argsort(trials.memory_access, kind="stable")[len(trials.shapes) // 2]
    task = Task(
        trial="a trial",
        spec=design.spec.with_channels(trials.channels[middle].tolist()),
        recipe=design.recipe,
        seed=0,
        data=design.data,
        data_root=None if data_root is None else Path(data_root),
        train_subset=design.train_subset,
        subset_seed=design.sampling_seed,
        folder=Path(),
        detector=design.detector,
    )
    at_a_time, threads = placed.shared(torch.get_num_threads())
    with _on(threads):
        measured = trainer.plan(task)
    if not placed.is_this_process:
        trainer.forget()  # the workers load their own
    return StudyForecast(
        trainings=design.trials * design.seeds,
        at_a_time=at_a_time,
        training_seconds=measured.seconds,
        measured=measured,
    )


def _by_trials(
    design: StudyDesign, over: "Sequence[FrozenTrial]", at_a_time: int
) -> StudyForecast | None:
    """As long as the complete trials took; None without any, or with nothing left."""
    seconds = [
        trial.user_attrs["seconds"] / design.seeds
        for trial in over
        if trial.state.name == "COMPLETE"
    ]
    left = design.trials - len(over)
    if not seconds or left <= 0:
        return None
    return StudyForecast(
        trainings=left * design.seeds,
        at_a_time=at_a_time,
        training_seconds=float(np.mean(seconds)),
        trials=len(seconds),
    )


@contextmanager
def _on(threads: int) -> Iterator[None]:
    """Inside, torch computes with so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
