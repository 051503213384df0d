"""The trainings of a search whose trials are detectors."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

from rexpand.data.dataset import DataSet
from rexpand.data.detection import DetectionData, judged_within, load_detection
from rexpand.recipe import DetectionRecipe, DetectorTrialRecipe
from rexpand.records import DetectionRecord
from rexpand.records.detection import DETECTOR
from rexpand.records.record import kept_record
from rexpand.search.shared_data import SharedData
from rexpand.search.task import Task
from rexpand.search.told import TrialProgress
from rexpand.train import Forecast
from rexpand.transfer.detection.building import Detector, build_detector
from rexpand.transfer.detection.training import plan_detector, train_detector


@dataclass(frozen=True, kw_only=True)
class DetectorTrainer:
    """Trains the detector of a task on its network, a `search.trainer.Trainer`.

    Weights are new, drawn by the task's seed.
    """

    def finished(self, task: Task) -> DetectionRecord | None:
        return kept_record(DetectionRecord, task.folder, DETECTOR)

    def shared(self, task: Task) -> SharedData | None:
        """None: images are read from their files."""

    def train(
        self, task: Task, progress: TrialProgress, data: DataSet | None
    ) -> DetectionRecord:
        built, images, recipe = _prepared(task)
        return train_detector(
            built,
            images,
            recipe,
            seed=task.seed,
            folder=task.folder,
            progress=progress,
        )

    def plan(self, task: Task) -> Forecast:
        return plan_detector(*_prepared(task))

    def forget(self) -> None:
        _judged.cache_clear()


DETECTORS = DetectorTrainer()


def _prepared(task: Task) -> tuple[Detector, DetectionData, DetectionRecipe]:
    """The detector of a task with new weights, its images and how it is trained."""
    recipe = task.recipe
    # As `StudyDesign` has them.
    assert isinstance(recipe, DetectorTrialRecipe)
    assert task.detector is not None
    images = _judged(
        *(task.data, task.data_root, recipe.skip_defects, recipe.validation),
        *(task.train_subset, task.subset_seed),
    )
    torch.manual_seed(task.seed)
    return build_detector(task.detector.on(task.spec)), images, recipe.detection


@lru_cache(maxsize=2)
def _judged(
    place: str,
    root: Path | None,
    skips: bool,
    held_out: int,
    train: int,
    seed: int,
) -> DetectionData:
    """The annotated images of a study, parted, and read once per process."""
    data = load_detection(place, root=root, on_defect="skip" if skips else "fail")
    return judged_within(data, held_out=held_out, train=train, seed=seed)
