"""Which part of a detector learns: the rest keeps its values, to the bit."""

from collections.abc import Sequence

import torch
from torch import nn

from rexpand.errors import SpecError
from rexpand.transfer.detection.backbone import LevelMaps
from rexpand.transfer.detection.building import Detector


def freeze_levels(detector: Detector, count: int) -> None:
    """Take the gradients from whatever the backbone's first levels are computed from.

    The levels are those that the detector takes, the shallowest first. Raises SpecError
    if it takes fewer.
    """
    if count > len(detector.spec.levels):
        there = ", ".join(map(str, detector.spec.levels))
        raise SpecError(
            f"frozen_levels {count} is more than the {len(detector.spec.levels)} levels "
            f"that {detector.spec.detector} takes of its backbone ({there})"
        )
    for parameter in _computing(detector, count) if count else ():
        parameter.requires_grad_(False)


def set_to_learn(detector: Detector) -> None:
    """Training mode for what learns; what is frozen computes as in evaluation."""
    detector.train()
    for module in detector.modules():
        parameters = [*module.parameters()]
        if parameters and not any(each.requires_grad for each in parameters):
            module.eval()


def _computing(detector: Detector, count: int) -> Sequence[nn.Parameter]:
    """The parameters from which the first levels are computed: those with a gradient."""
    [body] = (each for each in detector.modules() if isinstance(each, LevelMaps))
    learning = [each for each in body.parameters() if each.requires_grad]
    side = detector.spec.architecture.least_side
    image = torch.zeros(1, detector.spec.in_channels, side, side)
    was_training = body.training
    body.eval()  # an image changes no statistics
    maps = [*body(image.to(learning[0].device)).values()]
    body.train(was_training)
    reached = torch.autograd.grad(
        sum(each.sum() for each in maps[:count]), learning, allow_unused=True
    )
    pairs = zip(learning, reached, strict=True)
    return [each for each, gradient in pairs if gradient is not None]
