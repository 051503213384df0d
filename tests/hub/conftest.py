"""A small training to publish."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.recipe import RECIPES
from rexpand.train import train

RECIPE = replace(RECIPES["digits"], epochs=1, validation=64)


@pytest.fixture(scope="session")
def run(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training of two seeds."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    few = replace(digits, train=stratified_subset(digits.train, 128, seed=0))
    for seed in (0, 1):
        train("search_18", RECIPE, few, seed=seed, folder=folder / f"seed-{seed}")
    return folder
