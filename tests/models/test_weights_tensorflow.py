"""Weights that TensorFlow trained, on one image of each class of ImageNet.

The images are probably of the training set: they show that the weights are right, not
how good they are. The files say 89.3 for MobileNetV2 and 67.5 for MobileNetV1 x0.5.
"""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from rexpand.models.weights.tensorflow import load_tensorflow
from rexpand.spec import network

# File, network, side in pixels, top-1 in percent of the 1,000 images.
WEIGHTS = [
    ("mobilenet_v1_0.5_160.npz", "mobilenetv1_050", 160, 67.5),
    ("mobilenet_v2_1.0_torchvision_keys.npz", "mobilenetv2_100", 224, 89.3),
]


def scored(model: nn.Module, folders: list[Path], side: int) -> float:
    """Top-1 in percent; image N is the only one of folder N."""
    hits = 0
    for label, folder in enumerate(folders):
        (path,) = folder.iterdir()
        with torch.no_grad():
            hits += int(model(prepared(path, side)).argmax().item() == label)
    return 100 * hits / len(folders)


def prepared(path: Path, side: int) -> Tensor:
    """The middle of an image whose shorter side is side / 0.875, in [-1, 1]."""
    image = Image.open(path).convert("RGB")
    scale = round(side / 0.875) / min(image.size)
    width, height = (round(length * scale) for length in image.size)
    if scale != 1:
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = (width - side) // 2, (height - side) // 2
    pixels = np.array(image.crop((left, top, left + side, top + side)))
    return torch.from_numpy(pixels).permute(2, 0, 1)[None] / 127.5 - 1


@pytest.mark.slow
@pytest.mark.parametrize(("file", "name", "side", "top1"), WEIGHTS)
def test_real_weights_reach_their_stated_accuracy(file, name, side, top1):
    root, weights = os.environ.get("REXPAND_DATA"), os.environ.get("REXPAND_WEIGHTS")
    if not root or not weights or not (Path(weights) / file).exists():
        pytest.skip(f"no {file} under REXPAND_WEIGHTS, or no REXPAND_DATA")
    folders = sorted((Path(root) / "imagenet_1000x1" / "val").iterdir())
    model = load_tensorflow(network(name), Path(weights) / file)

    # Within 5 images of 1,000: the decoder and the resizing are not the source's.
    assert scored(model, folders, side) == pytest.approx(top1, abs=0.5)
