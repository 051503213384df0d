"""Whether the memory of a device holds a training step of a detector."""

from copy import deepcopy

import torch

from rexpand.memory import check_memory
from rexpand.recipe import DetectionRecipe
from rexpand.train.memory import bytes_kept_each, usable
from rexpand.train.precision import is_half
from rexpand.transfer.detection.backbone import LevelMaps
from rexpand.transfer.detection.building import Detector
from rexpand.transfer.detection.freezing import set_to_learn


def check_fits(
    detector: Detector, recipe: DetectionRecipe, at_once: int, device: torch.device
) -> None:
    """Raise SpecError for a step whose backbone alone needs more than there is.

    `at_once` images are in the step. A pass on `meta` counts what is kept of images that
    are squares of the shorter side; heads and regions come on top. A module of a library
    that computes with values is not counted.
    """
    kept = _bytes_kept(detector)
    value_bytes = 2 if is_half(recipe.precision) else 4
    each = kept * value_bytes // 4
    most = usable(device)
    spec = detector.spec
    check_memory(
        f"training {spec.detector} on batches of {at_once} at "
        f"{spec.architecture.least_side} px",
        at_once * each,
        _way_out(int(most / max(each, 1))),
        most,
    )


def _bytes_kept(detector: Detector) -> int:
    """Bytes that the backbone keeps for the backward pass, for each image, float32."""
    without_values = deepcopy(detector).to("meta")
    set_to_learn(without_values)
    [body] = (each for each in without_values.modules() if isinstance(each, LevelMaps))
    side, channels = detector.spec.architecture.least_side, detector.spec.in_channels

    def forward(images: int) -> object:
        return body(torch.zeros(images, channels, side, side, device="meta"))

    try:
        return bytes_kept_each(forward)
    except (RuntimeError, NotImplementedError):  # it asks for values
        return 0


def _way_out(batch: int) -> str:
    if batch < 2:
        return "give a smaller size or backbone: no batch would fit"
    return f"give a batch of less than {batch:,}, or a smaller size or backbone"
