"""What a detector finds in the images of a split."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from rexpand.data.detection import DetectionSplit
from rexpand.trace.evaluating import evaluating
from rexpand.transfer.detection.coco import encoded
from rexpand.transfer.detection.prediction import Prediction

LIBRARIES = ("rexpand", "torch", "torchvision", "faster-coco-eval")  # that judge
_INSIDE = 0.5  # of a mask's probability, as torchvision and detectron2 cut it


@torch.inference_mode()
def predictions_of(
    detector: nn.Module,
    split: DetectionSplit,
    *,
    batch_size: int = 1,
    progress: Callable[[int], object] | None = None,
) -> tuple[Prediction, ...]:
    """The predictions of every image, in the order of the split, without augmentation.

    `detector` takes images and gives dictionaries as torchvision's do. It runs in eval
    mode where its parameters lie, and is left in the mode in which it was. `progress` is
    told the images of every batch.
    """
    device = next(detector.parameters()).device
    found: list[Prediction] = []
    with evaluating(detector):
        batches = split.batches(batch_size=batch_size, device=device)
        for images, targets in batches:
            outputs = detector(images)
            for target, output in zip(targets, outputs, strict=True):
                found.append(_prediction(int(target["image_id"]), output))
            if progress is not None:
                progress(len(images))
    return tuple(found)


def _prediction(image_id: int, output: dict[str, Tensor]) -> Prediction:
    masks = output.get("masks")
    return Prediction(
        image_id=image_id,
        boxes=output["boxes"].double().cpu().numpy().reshape(-1, 4),
        labels=output["labels"].cpu().numpy().astype(np.int64) - 1,
        scores=output["scores"].double().cpu().numpy(),
        masks=None
        if masks is None
        else encoded((masks[:, 0] >= _INSIDE).cpu().numpy()),
    )
