"""A search of channels as a script: Optuna, timm's blocks, torchvision's transforms.

    python plain_search.py IMAGES.npz CONFIGURATIONS.json

What a user would write without rexpand; it imports nothing of it. The images are arrays,
as torchvision's CIFAR100 has them. One process trains one network after the other, on all
cores. `configurations_an_hour.py` compares it with `rexpand search run`. Prints a line of
JSON: the accuracy of each trial in percent, the parameters of each network, and the
seconds from the first trial's start to the last one's end.
"""

import json
import math
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import torch
from numpy.typing import NDArray
from PIL import Image
from timm.layers import ConvNormAct
from timm.models.rexnet import LinearBottleneck
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

_STEM, _PENULTIMATE, _EXPAND = 16, 1280, 6


def main() -> None:
    options = ArgumentParser()
    options.add_argument("images", type=Path)
    options.add_argument("configurations", type=Path)
    options.add_argument("--epochs", type=int, default=2)
    options.add_argument("--batch-size", type=int, default=64)
    options.add_argument("--learning-rate", type=float, default=0.05)
    options.add_argument("--weight-decay", type=float, default=5e-4)
    options.add_argument("--warmup-epochs", type=float, default=0.5)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--channels-last", action="store_true")
    chosen = options.parse_args()
    search = Search(chosen, np.load(chosen.images))
    study = optuna.create_study(direction="maximize")
    configurations = json.loads(chosen.configurations.read_text())
    for channels in configurations:
        study.enqueue_trial({f"c{n}": width for n, width in enumerate(channels)})
    search.blocks = len(configurations[0])
    study.optimize(search, n_trials=len(configurations))
    started = study.trials[0].datetime_start
    ended = study.trials[-1].datetime_complete
    assert started
    assert ended
    document = {
        "accuracies": [trial.value for trial in study.trials],
        "params": [trial.user_attrs["params"] for trial in study.trials],
        "seconds": (ended - started).total_seconds(),
    }
    print(json.dumps(document))


class Search:
    """The objective of the study: the accuracy of a configuration."""

    def __init__(self, options: Namespace, arrays: Any) -> None:
        self.options, self.blocks = options, 0
        self.classes = int(arrays["train_labels"].max()) + 1
        normalise = transforms.Normalize(
            arrays["mean"].tolist(), arrays["std"].tolist()
        )
        augmented = transforms.Compose(
            [
                transforms.RandomCrop(32, padding=4),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                normalise,
            ]
        )
        plain = transforms.Compose([transforms.ToTensor(), normalise])
        self.training = DataLoader(
            Pictures(arrays["train_images"], arrays["train_labels"], augmented),
            batch_size=options.batch_size,
            shuffle=True,
            num_workers=options.workers,
            persistent_workers=options.workers > 0,
        )
        self.held_out = DataLoader(
            Pictures(arrays["held_out_images"], arrays["held_out_labels"], plain),
            batch_size=256,
            num_workers=options.workers,
            persistent_workers=options.workers > 0,
        )

    def __call__(self, trial: optuna.Trial) -> float:
        channels = [trial.suggest_int(f"c{n}", 1, 2000) for n in range(self.blocks)]
        network = network_of(channels, self.classes)
        trial.set_user_attr("params", sum(p.numel() for p in network.parameters()))
        if self.options.channels_last:
            network = network.to(memory_format=torch.channels_last)
        optimizer = torch.optim.SGD(
            network.parameters(),
            lr=self.options.learning_rate,
            momentum=0.9,
            weight_decay=self.options.weight_decay,
            nesterov=True,
        )
        steps = len(self.training)
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer,
            lambda step: cosine(
                step,
                round(self.options.warmup_epochs * steps),
                self.options.epochs * steps,
            ),
        )
        accuracy = 0.0
        for epoch in range(self.options.epochs):
            network.train()
            for images, labels in self.training:
                loss = cross_entropy(network(self.laid_out(images)), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
            accuracy = self.accuracy(network)
            trial.report(accuracy, epoch)
        return accuracy

    @torch.inference_mode()
    def accuracy(self, network: nn.Module) -> float:
        network.eval()
        right = images_seen = 0
        for images, labels in self.held_out:
            scores = network(self.laid_out(images))
            right += int((scores.argmax(1) == labels).sum())
            images_seen += len(labels)
        return 100 * right / images_seen

    def laid_out(self, images: Tensor) -> Tensor:
        if self.options.channels_last:
            return images.to(memory_format=torch.channels_last)
        return images


class Pictures(Dataset[tuple[Any, int]]):
    """As torchvision's CIFAR100: an array, a picture an image, then the transforms."""

    def __init__(
        self, images: NDArray[np.uint8], labels: NDArray[np.int64], transform: Any
    ) -> None:
        self.images, self.labels = images, labels.tolist()
        self.transform = transform

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return self.transform(Image.fromarray(self.images[index])), self.labels[index]


def network_of(channels: Sequence[int], classes: int) -> nn.Module:
    """The paper's search network, whose blocks timm has for its ReXNet."""
    third = len(channels) // 3
    layers: list[nn.Module] = [ConvNormAct(3, _STEM, kernel_size=3)]
    before = _STEM
    for index, width in enumerate(channels):
        stride = 2 if index in (third, 2 * third) else 1
        layers.append(
            LinearBottleneck(
                before, width, stride, exp_ratio=_EXPAND, act_layer="relu6"
            )
        )
        before = width
    layers += [
        ConvNormAct(before, _PENULTIMATE, kernel_size=1, act_layer=nn.ReLU6),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(_PENULTIMATE, classes),
    ]
    return nn.Sequential(*layers)


def cosine(step: int, warmup: int, steps: int) -> float:
    """Linear from 0 over the warm-up, then half a cosine to 0."""
    if step < warmup:
        return step / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(steps - warmup, 1)))


if __name__ == "__main__":
    main()
