"""The loops of the training benchmark, each until its pace stops it.

`ours` is `rexpand.train.train` itself. `plain` is what the same network costs in a loop
as torch's and torchvision's tutorials write it: NCHW, torch's own ReLU6 and pooling, a
DataLoader with two workers over PIL transforms, SGD without options. `bare` is our step
alone, on one batch that is already there. `gemm` and `copy` are the machine's limits.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
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
from rexpand.data.arrays import Arrays, data_set
from rexpand.data.augmentation import Augmentation
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.errors import DataError
from rexpand.models import build
from rexpand.spec import NetworkSpec
from rexpand.train import Recipe, fitted, keep_freed_memory, train
from rexpand.train.optimization import sgd


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What is trained on what: `images` random ones, 0 for CIFAR-100 if it is there."""

    spec: NetworkSpec
    recipe: Recipe
    images: int

    def data(self) -> DataSet:
        """The data set; its name says whether it is the real one."""
        if not self.images:
            try:
                return load("cifar100")
            except DataError:
                return _random(50_000)
        return _random(self.images)


def _random(count: int) -> DataSet:
    """Noise of CIFAR-100's shape."""
    images = np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), np.uint8)
    labels = np.arange(count) % 100
    arrays = Arrays(
        source="noise",
        train_images=images,
        train_labels=labels,
        test_images=images[:100],
        test_labels=labels[:100],
        class_names=tuple(map(str, range(100))),
    )
    augmentation = Augmentation(crop_padding=4, flip=True)
    return data_set("noise of CIFAR-100's shape", arrays, augmentation=augmentation)


class _Steps:
    """Progress that keeps a pace."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None: ...

    def advance(self, images: int) -> None:
        self._pace()

    def end_epoch(self, epoch: int, accuracy: float) -> None: ...


def ours(setup: Setup, pace: Pace) -> None:
    keep_freed_memory()
    with TemporaryDirectory() as folder:
        train(
            setup.spec,
            setup.recipe,
            setup.data(),
            seed=0,
            folder=Path(folder),
            progress=_Steps(pace),
        )


def bare(setup: Setup, precision: torch.dtype, pace: Pace) -> None:
    keep_freed_memory()
    data, recipe = setup.data(), setup.recipe
    network = build(fitted(setup.spec, data)).to(memory_format=torch.channels_last)
    optimizer = sgd(network, recipe)
    images, labels = next(
        data.train.batches(
            batch_size=recipe.batch_size,
            device=torch.device("cpu"),
            seed=0,
            augmentation=recipe.augmentation,
        )
    )
    network.train()
    while True:
        with torch.autocast("cpu", torch.bfloat16, precision == torch.bfloat16):
            loss = cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        pace()


def plain(setup: Setup, pace: Pace) -> None:
    data, recipe = setup.data(), setup.recipe
    network = _plain_network(fitted(setup.spec, data))
    optimizer = torch.optim.SGD(
        network.parameters(),
        lr=recipe.learning_rate,
        momentum=recipe.momentum,
        weight_decay=recipe.weight_decay,
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


def gemm(side: int, pace: Pace) -> None:
    left, right, product = (torch.rand(side, side) for _ in range(3))
    while True:
        torch.mm(left, right, out=product)
        pace()


def copy(count: int, pace: Pace) -> None:
    source, target = torch.ones(count), torch.ones(count)
    while True:
        target.copy_(source)
        pace()
