"""The same network in a loop as torch's and torchvision's tutorials write it.

NCHW, torch's own ReLU6 and pooling, a DataLoader with two workers over PIL transforms,
SGD without options, and the allocator as it is.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from pacing import Pace
from rexpand.blocks.relu6 import ReLU6
from rexpand.data.dataset import DataSet
from rexpand.models import build
from rexpand.spec import NetworkSpec
from rexpand.train import fitted
from training_setup import Setup


def plain(setup: Setup, pace: Pace) -> None:
    data, recipe = setup.data(), setup.recipe
    network = _plain_network(fitted(setup.spec, data))
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.optimizer.learning_rate,
        momentum=recipe.optimizer.momentum,
        weight_decay=recipe.optimizer.weight_decay,
        nesterov=True,
    )
    loader = DataLoader(
        _Pictures(data), batch_size=recipe.batch_size, shuffle=True, num_workers=2
    )
    network.train()
    while True:
        for images, labels in loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), labels)
            loss.backward()
            optimizer.step()
            pace()


class _Pictures(Dataset[tuple[Any, int]]):
    """As torchvision's CIFAR100: an array, a picture an image, then the transforms."""

    def __init__(self, data: DataSet) -> None:
        split: Any = data.train
        self._images: NDArray[np.uint8] = split.images.numpy()
        self._labels: list[int] = split.labels.tolist()
        self._transform = transforms.Compose(
            [
                transforms.RandomCrop(32, padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(split.normalisation.mean, split.normalisation.std),
            ]
        )

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        picture = Image.fromarray(self._images[index])
        return self._transform(picture), self._labels[index]


def _plain_network(spec: NetworkSpec) -> nn.Module:
    """The same layers in the plain order of memory, without what we made faster."""
    network = build(spec)
    _use_torchs_relu6(network)
    return nn.Sequential(
        network.stem,
        network.blocks,
        network.penultimate,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        network.head.classifier,
    )


def _use_torchs_relu6(module: nn.Module) -> None:
    for name, child in module.named_children():
        if isinstance(child, ReLU6):
            setattr(module, name, nn.ReLU6(inplace=True))
        _use_torchs_relu6(child)
