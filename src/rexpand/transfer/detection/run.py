"""What every epoch of the training of a detector needs, made ready before the first."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from rexpand.blocks import synchronised
from rexpand.data.detection import DetectionData
from rexpand.recipe import DetectionRecipe, Optimizer
from rexpand.records import DetectionScores
from rexpand.train.cut import Cut
from rexpand.train.learner import exchanging
from rexpand.train.optimization import fresh_average, optimizer_of
from rexpand.train.processes import Processes, joined
from rexpand.train.run import check_same
from rexpand.train.state import Trained
from rexpand.transfer.detection.average_precision import scores_of
from rexpand.transfer.detection.building import Detector, Target
from rexpand.transfer.detection.design import DetectionDesign
from rexpand.transfer.detection.freezing import freeze_levels
from rexpand.transfer.detection.memory import check_fits
from rexpand.transfer.detection.prediction import Prediction
from rexpand.transfer.detection.predictions import predictions_of
from rexpand.transfer.detection.state import Done


@dataclass(frozen=True, kw_only=True)
class _Batches:
    """The recipe's batches, and whether norms see those of all processes."""

    batch_size: int
    accumulation: int
    sync_norm: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """What the judged detector finds in the held-out images, how good, in how long."""

    predictions: tuple[Prediction, ...]
    scores: DetectionScores
    seconds: float


@dataclass(frozen=True, kw_only=True, eq=False)
class DetectionRun:
    """What every epoch needs.

    The `learner` is the detector as the steps call it: alone, or as one of the processes
    that average their gradients. `cut` is an epoch as steps of the optimiser.
    """

    design: DetectionDesign
    trained: Trained[Detector]
    learner: nn.Module
    processes: Processes
    data: DetectionData
    cut: Cut
    accelerator: Accelerator

    @property
    def recipe(self) -> DetectionRecipe:
        return self.design.recipe

    @property
    def network(self) -> nn.Module:
        return self.trained.network

    @property
    def optimizer(self) -> Optimizer:
        return self.recipe.optimizer

    @property
    def device(self) -> torch.device:
        return self.accelerator.device

    @property
    def judged_images(self) -> int:
        """Held-out images."""
        return len(self.data.held_out)

    @property
    def has_masks(self) -> bool:
        """Whether the detector learns masks."""
        return self.design.spec.detector == "mask_rcnn"

    def batches(
        self, seed: int, first_step: int
    ) -> Iterator[tuple[list[Tensor], list[Target]]]:
        """This process's slices of the micro-batches of an epoch, from a step on."""
        return self.data.train.batches(
            batch_size=self.cut.size,
            device=self.device,
            seed=seed,
            augmentation=self.recipe.augmentation,
            aspect_ratio_group_factor=self.recipe.aspect_ratio_group_factor,
            masks=self.has_masks,
            drop_last=self.cut.leaves_some_out,
            part=self.processes.part(first_step * self.recipe.accumulation),
        )

    def is_over(self, done: Done) -> bool:
        """Whether the training has come to its end."""
        return len(done.epochs) == self.recipe.epochs

    def is_judged_after(self, epochs: int) -> bool:
        """Whether the held-out images are judged when so many epochs are over."""
        return epochs % self.recipe.judge_every == 0 or epochs == self.recipe.epochs

    def evaluations_after(self, epochs: int) -> int:
        """How often the held-out images are judged after so many epochs are over."""
        left = range(epochs + 1, self.recipe.epochs + 1)
        return sum(map(self.is_judged_after, left))

    def judge_some(self, images: int, batch_size: int) -> None:
        """Judge so many of the held-out images, in this process alone."""
        split = self.data.held_out.some(images)
        found = predictions_of(self.trained.judged, split, batch_size=batch_size)
        scores_of(found, split)

    def judged(self) -> Judged:
        """How well the judged detector does on the held-out images."""
        started = time.perf_counter()
        predictions = self._predictions()
        scores = scores_of(predictions, self.data.held_out)
        seconds = time.perf_counter() - started
        return Judged(predictions=predictions, scores=scores, seconds=seconds)

    def _predictions(self) -> tuple[Prediction, ...]:
        """What the judged detector finds in the held-out images, parted among all."""
        split, processes = self.data.held_out, self.processes
        own = range(processes.number, len(split), processes.count)
        at_once = max(self.cut.size // processes.count, 1)
        found: tuple[Prediction, ...] = ()
        if own:
            found = predictions_of(
                self.trained.judged, split.subset([*own]), batch_size=at_once
            )
        return tuple(chain.from_iterable(processes.gathered(found)))


def prepared(
    design: DetectionDesign, data: DetectionData, detector: Detector
) -> DetectionRun:
    """The detector on its device, its optimiser, and the images.

    Raises SpecError for a batch that is too small for its processes, and for more frozen
    levels than the detector takes.
    """
    recipe, processes = design.recipe, joined()
    accelerator = Accelerator(mixed_precision="no")  # `rexpand.train.precision` has it
    check_same(design, processes)
    is_synchronised = design.spec.norm == "sync"
    batches = _Batches(
        batch_size=recipe.batch_size,
        accumulation=recipe.accumulation,
        sync_norm=is_synchronised,
    )
    cut = Cut(len(data.train), batches, processes.count)
    freeze_levels(detector, recipe.frozen_levels)
    at_once = -(-min(cut.size, len(data.train)) // processes.count)
    check_fits(detector, recipe, at_once, accelerator.device)
    detector.to(accelerator.device)
    if processes.are_many and is_synchronised:
        synchronised(detector, accelerator.device)
    return DetectionRun(
        design=design,
        trained=Trained(
            network=detector,
            average=fresh_average(detector) if recipe.averaging else None,
            optimizer=optimizer_of(detector, recipe.optimizer),
        ),
        learner=exchanging(detector, processes, accelerator.device),
        processes=processes,
        data=data,
        cut=cut,
        accelerator=accelerator,
    )
