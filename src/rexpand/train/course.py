"""The course of a training: from where its folder stands to the end, or to a pause."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from rexpand.data.dataset import DataSet
from rexpand.errors import DivergedError
from rexpand.train.checkpoints import Checkpoints, Interval
from rexpand.train.design import TrainingDesign
from rexpand.train.divergence import goes_back, slower
from rexpand.train.epoch import with_epoch
from rexpand.train.foretelling import Foretelling
from rexpand.train.metric_rows import NETWORK_ROWS
from rexpand.train.metrics import metric_files
from rexpand.train.progress import Listeners, Progress, Silence
from rexpand.train.run import Run, prepared
from rexpand.train.start import Start
from rexpand.train.state import Progressed
from rexpand.train.teaching import Teacher


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """What is trained, in which folder, how far, and who hears of it."""

    design: TrainingDesign
    data: DataSet
    start: Start | None
    folder: Path
    progress: Progress
    until_epoch: int | None
    checkpoint_every: Interval
    allow_change: bool
    teacher: Teacher | None = None

    def fresh(self) -> Run:
        """Everything as it is before the first step."""
        torch.manual_seed(self.design.seed)
        return prepared(self.design, self.data, self.start, self.teacher)

    def checkpoints(self, run: Run) -> Checkpoints:
        """The states of a run in the folder."""
        return Checkpoints(
            self.folder,
            run.trained,
            self.design,
            self.checkpoint_every,
            run.processes,
            allow_change=self.allow_change,
        )


def followed(
    course: Course, run: Run, checkpoints: Checkpoints, done: Progressed
) -> tuple[Run, Progressed]:
    """Train from where a run stands; the run at the end, or at the pause.

    A training that goes back is begun anew and given the state before its last, as one
    that was killed is given the last. Raises DivergedError if the loss is not finite, a
    second time or where the recipe does not say to go back.
    """
    try:
        return run, _with_epochs(course, run, checkpoints, done)
    except DivergedError as error:
        if not goes_back(run.recipe, done):
            raise
        diverged = str(error).partition(";")[0]
    run = course.fresh()
    checkpoints = course.checkpoints(run)
    done = slower(run.recipe, checkpoints.go_back(course.progress.alarm))
    course.progress.alarm(f"{diverged}; {_where(done)} with half the learning rate")
    return run, _with_epochs(course, run, checkpoints, done)


def is_over(run: Run, done: Progressed) -> bool:
    """Whether a training has come to its end."""
    recipe = run.recipe
    return len(done.epochs) == recipe.epochs or done.stops_early(recipe.patience)


def _with_epochs(
    course: Course, run: Run, checkpoints: Checkpoints, done: Progressed
) -> Progressed:
    with _files(run, done, course.folder) as files:
        told = Listeners((course.progress, _foretelling(run, course.progress), files))
        told.begin(
            run.design.spec.name,
            epochs=run.recipe.epochs,
            epoch=len(done.epochs),
            images=run.cut.trained,
        )
        last = min(course.until_epoch or run.recipe.epochs, run.recipe.epochs)
        while len(done.epochs) < last and not is_over(run, done):
            done = with_epoch(run, done, told, checkpoints)
            checkpoints.write(done)
    return done


def _foretelling(run: Run, progress: Progress) -> Progress:
    """Who tells in advance what the training takes, in the main process."""
    return Foretelling(run, progress) if run.processes.is_main else Silence()


def _files(run: Run, done: Progressed, folder: Path) -> AbstractContextManager[Silence]:
    """The metric files, which are the main process's."""
    if not run.processes.is_main:
        return nullcontext(Silence())
    steps_done = len(done.epochs) * run.cut.steps + done.steps_begun
    return metric_files(folder, done.epochs, steps_done, NETWORK_ROWS)


def _where(done: Progressed) -> str:
    """Where a training goes on, for a person."""
    if done.under_way:
        return f"going on after step {done.steps_begun} of epoch {len(done.epochs) + 1}"
    if done.epochs:
        return f"going on after epoch {len(done.epochs)}"
    return "beginning anew"
