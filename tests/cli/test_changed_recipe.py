"""A run goes on with a changed recipe by an option, and says what changed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from rexpand.data.dataset import with_train_subset
from rexpand.data.load import load
from rexpand.recipe import RECIPES
from rexpand.spec import network
from rexpand.train import train

Say = Callable[..., Any]


def test_a_changed_recipe_is_allowed_by_an_option(say: Say, tmp_path: Path) -> None:
    train(
        network("search_18"),
        RECIPES["digits"].with_epochs(4),
        with_train_subset(load("digits"), 64, held_out=200, seed=0),
        folder=tmp_path / "run/seed-0",
        until_epoch=1,
    )
    command = [
        "train",
        "search_18",
        "--data",
        "digits",
        "--train-subset",
        "64",
        "--out",
        "run",
        "--epochs",
        "2",
    ]

    refused = say(*command)
    allowed = say(*command, "--allow-change")

    assert refused.code == 2
    assert refused.err.endswith(
        "recipe.epochs is 4, asked for 2; recipe.schedule.warmup_epochs is 1.0, asked for "
        "0.5; give the same ones to go on with it, add --allow-change, or give another "
        "folder\n"
    )
    assert allowed.code == 0
    assert "seed 0: epochs 4 to 2 from epoch 2, step 1 (asked)\n" in allowed.out
