"""The course of the training of a detector, from where its folder stands to the end."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rexpand.records import DetectionEpoch
from rexpand.train.checkpoints import StateFiles
from rexpand.train.foretelling import Foretelling
from rexpand.train.metrics import metric_files
from rexpand.train.progress import Listeners, Silence
from rexpand.transfer.detection.epoch import with_epoch, with_last_judged
from rexpand.transfer.detection.metrics import DETECTOR_ROWS
from rexpand.transfer.detection.progress import DetectionProgress
from rexpand.transfer.detection.run import DetectionRun, Judged
from rexpand.transfer.detection.state import Done, put_back, state_of


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectionCourse:
    """What is trained, in which folder, and who hears of it."""

    run: DetectionRun
    folder: Path
    files: StateFiles
    progress: DetectionProgress
    allow_change: bool

    def standing(self) -> Done:
        """Where the last state that is whole stands, which is put back."""
        found = self.files.first_whole(
            (self.files.last, self.files.earlier), self.progress.alarm
        )
        if found is None:
            return Done()
        state, path = found
        # The state before a change that was allowed is one of this training.
        is_allowed = self.allow_change or path == self.files.earlier
        return put_back(
            state, path, self.run.trained, self.run.design, allow_change=is_allowed
        )


def followed(course: DetectionCourse, done: Done) -> tuple[Done, Judged]:
    """Train from where a run stands to its end; how good the detector is then."""
    run, judged = course.run, None
    if run.is_over(done):  # stopped before its record was written
        judged = run.judged()
        done = with_last_judged(done, judged)
    with _metric_files(course, done) as files:
        told = Listeners[DetectionEpoch]((course.progress, _foretelling(course), files))
        told.begin(
            f"{run.design.spec.detector} on {run.design.spec.backbone.name}",
            epochs=run.recipe.epochs,
            epoch=len(done.epochs),
            images=run.cut.trained,
        )
        while judged is None or not run.is_over(done):
            done, judged = with_epoch(run, done, told, course.files)
            if not run.is_over(done):
                course.files.write(partial(state_of, run.trained, run.design, done))
    return done, judged


def _foretelling(course: DetectionCourse) -> Silence:
    """Who tells in advance what the training takes, in the main process."""
    is_main = course.run.processes.is_main
    return Foretelling(course.run, course.progress) if is_main else Silence()


def _metric_files(
    course: DetectionCourse, done: Done
) -> AbstractContextManager[Silence]:
    """The metric files, which are the main process's."""
    run = course.run
    if not run.processes.is_main:
        return nullcontext(Silence())
    steps_done = len(done.epochs) * run.cut.steps + done.steps_begun
    return metric_files(course.folder, done.epochs, steps_done, DETECTOR_ROWS)
