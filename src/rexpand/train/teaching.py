"""Distillation: a trained network's scores as targets beside the labels.

Teacher and student see the same augmented, mixed image (arXiv 2106.05237); each gets it
as its own contract says.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, kl_div, log_softmax

from rexpand.errors import SpecError
from rexpand.models import open_source
from rexpand.recipe.distillation import Distillation
from rexpand.spec import ImageContract, Source


@dataclass(frozen=True, kw_only=True, eq=False)
class Teacher:
    """A trained network, the images that it takes, and how much it teaches."""

    distillation: Distillation
    network: nn.Module
    contract: ImageContract


@dataclass(frozen=True, kw_only=True, eq=False)
class Lesson:
    """A teacher at work on a device: `scale` and `shift` renormalise a student's image.

    They are (channels, 1, 1), and `side` is that of the teacher's images in pixels.
    """

    distillation: Distillation
    network: nn.Module
    scale: Tensor
    shift: Tensor
    side: int

    def scores(self, images: Tensor) -> Tensor:
        """The teacher's scores of images as the student takes them, (images, classes)."""
        with torch.no_grad():
            images = images * self.scale + self.shift
            if images.shape[-1] != self.side:
                size = (self.side, self.side)
                images = interpolate(images, size, mode="bilinear", antialias=True)
            found: Tensor = self.network(images)
            return found.float()

    def added_to(self, loss: Tensor, scores: Tensor, images: Tensor) -> Tensor:
        """The loss of a batch with the teacher's part in it."""
        wanted = self.distillation
        heat = wanted.temperature
        theirs = log_softmax(self.scores(images) / heat, dim=1)
        ours = log_softmax(scores.float() / heat, dim=1)
        apart = kl_div(ours, theirs, reduction="batchmean", log_target=True)
        return (1 - wanted.weight) * loss + wanted.weight * heat**2 * apart


def teacher_from(source: Source, origin: str | None = None) -> Teacher:
    """The teacher of a source with weights; raises as `open_source` does."""
    opened = open_source(source)
    return Teacher(
        distillation=Distillation(teacher=origin or str(source)),
        network=opened.module,
        contract=opened.contract,
    )


def lesson(
    teacher: Teacher, student: ImageContract, classes: int, device: torch.device
) -> Lesson:
    """The teacher ready for a student's batches.

    Raises SpecError for one of other channels or classes, or whose images are not known.
    """
    name, theirs = teacher.distillation.teacher, teacher.contract
    if theirs.channels != student.channels:
        raise SpecError(
            f"the teacher {name} takes images of {theirs.channels} channels, the student "
            f"of {student.channels}; give a teacher of the same images"
        )
    pairs = (theirs.mean, theirs.std, student.mean, student.std)
    mean, std, own_mean, own_std = (_column(each, device, name) for each in pairs)
    network = teacher.network.to(device).eval().requires_grad_(False)
    ready = Lesson(
        distillation=teacher.distillation,
        network=network,
        scale=own_std / std,
        shift=(own_mean - mean) / std,
        side=theirs.height,
    )
    side = student.height
    found = ready.scores(torch.zeros(1, student.channels, side, side, device=device))
    if found.shape[1] != classes:
        raise SpecError(
            f"the teacher {name} has {found.shape[1]} classes and the data {classes}; "
            "fine-tune it on these images first (`rexpand finetune`)"
        )
    return ready


def _column(
    values: tuple[float, ...] | None, device: torch.device, name: str
) -> Tensor:
    if values is None:
        raise SpecError(
            f"the mean and std of images are not known for the teacher {name} or its "
            "student; give a checkpoint, which carries them"
        )
    return torch.tensor(values, device=device)[:, None, None]
