"""Detectors in bf16: maps are half precision, coordinates are not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torchvision.models.detection.anchor_utils import (
    AnchorGenerator,
    DefaultBoxGenerator,
)

from rexpand.transfer.detection import (
    Detector,
    load_detector,
    predictions_of,
    scores_of,
    train_detector,
)
from shapes import SHORT, shapes, small_detector

NAMES = ("ssdlite", "faster_rcnn", "mask_rcnn")
ANCHORS = (AnchorGenerator, DefaultBoxGenerator)
TARGET = {
    "boxes": torch.tensor([[33.0, 47.0, 231.0, 290.0]]),
    "labels": torch.tensor([1]),
    "masks": torch.ones(1, 320, 320, dtype=torch.uint8),
}


def of_a_step(detector: Detector, kind: Any, *, half: bool) -> Any:
    """What the first module of a kind gives in a training step."""
    kept: list[Any] = []
    module = next(each for each in detector.modules() if isinstance(each, kind))
    hook = module.register_forward_hook(lambda _, inputs, output: kept.append(output))
    image = torch.rand(3, 320, 320, generator=torch.Generator().manual_seed(0))
    with hook, torch.autocast("cpu", torch.bfloat16, enabled=half):
        losses = detector([image], [TARGET])
    assert {loss.dtype for loss in losses.values()} == {torch.float32}
    return kept[0]


@pytest.mark.parametrize("name", ["ssdlite", "faster_rcnn"])
def test_anchors_in_bf16_are_those_of_float32(name: str) -> None:
    detector = small_detector(name, 320)

    maps = of_a_step(detector, nn.Conv2d, half=True)
    found = of_a_step(detector, ANCHORS, half=True)
    expected = of_a_step(detector, ANCHORS, half=False)

    # From 256 pixels on bf16 knows every second one.
    assert maps.dtype == torch.bfloat16
    for of_image, known in zip(found, expected, strict=True):
        assert of_image.dtype == torch.float32
        assert torch.equal(of_image, known)


@pytest.mark.parametrize("name", NAMES)
def test_a_detector_trained_in_bf16_is_judged_and_read(
    name: str, tmp_path: Path
) -> None:
    data = shapes(tmp_path / "data", train=4, val=2)
    torch.manual_seed(0)

    record = train_detector(
        small_detector(name),
        data,
        replace(SHORT, epochs=1, precision="bf16"),
        folder=tmp_path / "run",
    )

    # Its losses are finite, or the training would have stopped.
    read = load_detector(tmp_path / "run")
    assert {each.dtype for each in read.parameters()} == {torch.float32}
    found = predictions_of(read, data.held_out, batch_size=4)
    assert scores_of(found, data.held_out) == record.scores
    assert record.scores.predictions > 0
    assert all(0 < part < 20 for part in record.epochs[0].parts.values())
