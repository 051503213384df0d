"""The recipes that come with rexpand; docs/recipes.md says which were measured."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from rexpand.recipe.augmentation import (
    Augmentation,
    CutMix,
    Mixup,
    RandAugment,
    RandomErasing,
)
from rexpand.recipe.optimization import EMA, SGD, Cosine
from rexpand.recipe.recipe import Recipe

_CIFAR = Augmentation(crop_padding=4, flip=True)

# A stream of files takes a random resized crop by itself.
_FILES = Augmentation(flip=True)

# Strokes have no mirror image: digits are shifted, never flipped. Batch and rate are
# those that learn most from 300 images in 4 epochs (results/demo/README.md).
_DIGITS = Recipe(
    epochs=20,
    batch_size=32,
    optimizer=SGD(learning_rate=0.05),
    augmentation=Augmentation(crop_padding=1),
    validation=200,
)

# The paper's search trains 30 epochs with early stopping; the rest is not published.
# Ours goes to the end of its cosine: patience was idle or cost accuracy
# (results/early_stopping/README.md).
_SEARCH = Recipe(
    epochs=30,
    batch_size=64,
    optimizer=SGD(learning_rate=0.05),
    augmentation=_CIFAR,
    validation=2500,
    nuclear_norm=True,
)

_CIFAR_LONG = Recipe(
    epochs=100,
    schedule=Cosine(warmup_epochs=5),
    label_smoothing=0.1,
    augmentation=Augmentation(crop_padding=4, flip=True, cutout=8),
)

# A few epochs: what regularises a long training only holds a short one back.
_QUICK = Recipe(
    epochs=5,
    batch_size=64,
    optimizer=SGD(learning_rate=0.05),
    schedule=Cosine(warmup_epochs=0.5),
    augmentation=_CIFAR,
)

# Section 5.1 and the command of the release's README: 4 GPUs x 128 images, 400 epochs,
# --aa rand-m9-mstd0.5, --remode pixel --reprob 0.2, --drop 0.2.
_PAPER = Recipe(
    epochs=400,
    batch_size=512,
    optimizer=SGD(learning_rate=0.5, weight_decay=1e-5),
    schedule=Cosine(warmup_epochs=5),
    dropout=0.2,
    augmentation=Augmentation(
        flip=True, rand_augment=RandAugment(), erasing=RandomErasing()
    ),
)

# Without the augmentation that the paper's star marks: crop and flip.
_PLAIN = replace(_PAPER, augmentation=_FILES)

# What torchvision's and timm's later recipes add, with their values: weights averaged,
# labels smoothed and mixed, blocks dropped, half as long again.
_MODERN = replace(
    _PAPER,
    epochs=600,
    averaging=EMA(decay=0.9999),
    label_smoothing=0.1,
    drop_path=0.1,
    augmentation=Augmentation(
        flip=True,
        rand_augment=RandAugment(),
        erasing=RandomErasing(probability=0.1),
        mixup=Mixup(alpha=0.2),
        cutmix=CutMix(alpha=1.0),
    ),
)

# From weights: a tenth of the rate of a fresh start, for a few epochs.
_FINETUNE = Recipe(
    epochs=20,
    batch_size=32,
    optimizer=SGD(learning_rate=0.01, weight_decay=1e-4),
    label_smoothing=0.1,
    augmentation=_FILES,
)

# Table 8. The paper prints that the ImageNet weights are fine-tuned on four data sets, and
# what they reach; of the training it prints nothing. The optimiser is that of its other
# trainings; the rest is chosen, and `finetune` finds the rate.
_FINE_GRAINED = replace(
    _FINETUNE, epochs=100, batch_size=64, schedule=Cosine(warmup_epochs=5), dropout=0.2
)

_FOLDER = Recipe(epochs=30, batch_size=32, augmentation=_FILES)

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {
        "cifar": _CIFAR_LONG,
        "digits": _DIGITS,
        "fine_grained": _FINE_GRAINED,
        "finetune": _FINETUNE,
        "folder": _FOLDER,
        "modern": _MODERN,
        "paper": _PAPER,
        "plain": _PLAIN,
        "quick": _QUICK,
        "search": _SEARCH,
    }
)
