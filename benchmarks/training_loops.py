"""Our loops of the training benchmark, and the machine's limits, each until it is stopped.

`ours` is `rexpand.train.train` itself. `bare` is its step alone, on one batch that is
already there. `gemm` and `copy` are what the machine can do at best.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from torch.nn.functional import cross_entropy

from pacing import Pace
from rexpand.memory import keep_freed_memory
from rexpand.models import build
from rexpand.records import Epoch
from rexpand.train import Forecast, Steps, fitted, train
from rexpand.train.optimization import optimizer_of
from training_setup import Setup


class _Steps:
    """Progress that keeps a pace."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None: ...

    def advance(self, images: int) -> None:
        self._pace()

    def end_steps(self, steps: Steps) -> None: ...

    def end_epoch(self, epoch: Epoch) -> None: ...

    def expect(self, forecast: Forecast) -> None: ...

    def alarm(self, message: str) -> None: ...

    def end(self) -> None: ...


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
    optimizer = optimizer_of(network, recipe.optimizer)
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
