"""Small trainings in float64, alone and in the processes that a launcher has started.

    accelerate launch --config_file TWO tests/exact_training.py FOLDER

In float64 rounding stays far below whatever an image more or less would change.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.data.split import Split, stratified_subset
from rexpand.recipe import EMA, SGD, Augmentation, Constant, Recipe
from rexpand.records import Record
from rexpand.spec import network
from rexpand.train import train

SPEC = network("search_18")

# 100 images in batches of 21 are 10 and 11 for two processes, and at last 8 and 8; the 22
# held out leave a last batch with no image for one of them. In micro-batches of 7 the last
# has 2.
WHOLE = Recipe(
    epochs=2,
    batch_size=21,
    optimizer=SGD(learning_rate=0.02),
    schedule=Constant(),
    averaging=EMA(decay=0.9),
    label_smoothing=0.1,
    dropout=0.0,
    drop_path=0.0,
    augmentation=Augmentation(crop_padding=1),
    validation=22,
    sync_norm=True,
)
RECIPES = {
    "whole": WHOLE,
    "accumulated": replace(WHOLE, epochs=1, accumulation=3),
    "recomputed": replace(WHOLE, epochs=1, accumulation=3, checkpointing=True),
}


@dataclass(frozen=True)
class Double:
    """A split whose images are float64."""

    split: Any

    def __len__(self) -> int:
        return len(self.split)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.split, name)

    def batches(self, **asked: Any) -> Iterator[tuple[Tensor, Tensor]]:
        return (
            (images.double(), labels) for images, labels in self.split.batches(**asked)
        )

    def subset(self, indices: Any) -> Split:
        return Double(self.split.subset(indices))

    def parted(self, count: int, seed: int) -> tuple[Split, Split]:
        rest, held_out = self.split.parted(count, seed)
        return Double(rest), Double(held_out)


@contextmanager
def in_float64() -> Iterator[None]:
    """Networks and sums made inside the `with` are float64."""
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)


def exact_digits(images: int = 122) -> DataSet:
    digits = load("digits")
    few = stratified_subset(digits.train, images, seed=0)
    return replace(digits, train=Double(few))


def train_exactly(recipe: Recipe, folder: Path) -> Record:
    with in_float64():
        return train(SPEC, recipe, exact_digits(), seed=0, folder=folder)


if __name__ == "__main__":
    for name, recipe in RECIPES.items():
        train_exactly(recipe, Path(sys.argv[1]) / name)
