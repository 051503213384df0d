"""The real images of a gate: some calibrate, others judge, and none does both."""

from dataclasses import dataclass

import torch
from torch import Tensor

from rexpand.data.labelled import Labelled
from rexpand.data.split import Split, hold_out, stratified_subset
from rexpand.deploy import check_calibration_classes

_MOST_CALIBRATING = 256
_MOST_JUDGING = 1000
_AT_ONCE = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class GateImages:
    """Images as a network takes them, (images, channels, height, width).

    `images` judge, with their `labels`; `calibration` are others, or none. `data` is the
    name of the data set.
    """

    data: str
    images: Tensor
    labels: Tensor
    calibration: Tensor


def gate_images(labelled: Labelled, *, has_calibration: bool) -> GateImages:
    """Part the images of a test split, seen as the network takes them.

    A quarter calibrates, 256 at most, each class in its share; at most 1,000 of the
    others judge. Raises DataError where images to calibrate are missing or of one class.
    """
    rest = labelled.split
    calibration = None
    if has_calibration:
        count = min(_MOST_CALIBRATING, len(rest) // 4)
        if not count:
            check_calibration_classes(())
        rest, held_out = hold_out(rest, count, seed=0)
        calibration, classes = _read(held_out)
        check_calibration_classes(classes.numpy())
    if len(rest) > _MOST_JUDGING:
        rest = stratified_subset(rest, _MOST_JUDGING, seed=0)
    images, labels = _read(rest)
    return GateImages(
        data=labelled.name,
        images=images,
        labels=labels,
        calibration=images[:0] if calibration is None else calibration,
    )


def _read(split: Split) -> tuple[Tensor, Tensor]:
    batches = split.batches(
        batch_size=_AT_ONCE, device=torch.device("cpu"), seed=None, augmentation=None
    )
    images, labels = zip(*batches, strict=True)
    return torch.cat(images).contiguous(), torch.cat(labels)
