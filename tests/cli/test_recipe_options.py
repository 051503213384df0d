"""Every field of a recipe can be changed from the command line, and is recorded."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rexpand.recipe import EMA, RECIPES, SGD, AdamW, Recipe, Step, find_recipe

Say = Callable[..., Any]


def shown(said: Any, folder: Path) -> Recipe:
    """The recipe that a command printed, read back from a file."""
    path = folder / "shown.toml"
    path.write_text(said.out)
    return find_recipe(str(path))


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_shown_as_a_file_of_it(name: str, say: Say, tmp_path: Path) -> None:
    said = say("train", "--recipe", name, "--show")

    assert said.code == 0
    assert shown(said, tmp_path) == RECIPES[name]
    # Shown without a network, and nothing is trained.
    assert [path.name for path in tmp_path.iterdir()] == ["shown.toml"]


def test_without_a_name_the_recipe_of_the_data_is_shown(
    say: Say, tmp_path: Path
) -> None:
    assert shown(say("train", "--show"), tmp_path) == RECIPES["digits"]


def test_a_recipe_is_shown_as_json_too(say: Say) -> None:
    said = say("train", "--recipe", "paper", "--show", "--json")

    assert json.loads(said.out)["optimizer"]["learning_rate"] == 0.5


def test_named_options_are_short_for_fields(say: Say, tmp_path: Path) -> None:
    typed = "--learning-rate 0.2 --batch-size 64 --weight-decay 1e-4 --ema 0.99 --schedule step"

    said = say("train", "--recipe", "paper", "--show", *typed.split())

    recipe = shown(said, tmp_path)
    assert recipe.optimizer == SGD(learning_rate=0.2, weight_decay=1e-4)
    assert recipe.schedule == Step()
    assert (recipe.batch_size, recipe.averaging) == (64, EMA(decay=0.99))


def test_a_rate_is_that_of_the_optimiser_that_was_asked_for(
    say: Say, tmp_path: Path
) -> None:
    said = say("train", "--show", "--lr", "2e-3", "--optimizer", "adamw")

    assert shown(said, tmp_path).optimizer == AdamW(learning_rate=2e-3)


def test_set_has_the_last_word(say: Say, tmp_path: Path) -> None:
    typed = "--epochs 8 --lr 0.2 --set optimizer.learning_rate=0.3 --set epochs=9"

    recipe = shown(say("train", "--show", *typed.split()), tmp_path)

    assert (recipe.optimizer.learning_rate, recipe.epochs) == (0.3, 9)


@pytest.mark.parametrize(
    ("asked", "recipe"), [("cifar", RECIPES["cifar"]), ("none", Recipe(epochs=1))]
)
def test_augmentation_is_taken_from_another_recipe(
    asked: str, recipe: Recipe, say: Say, tmp_path: Path
) -> None:
    said = say("train", "--show", "--augment", asked)

    assert shown(said, tmp_path).augmentation == recipe.augmentation


def test_a_search_takes_the_same_changes(say: Say, tmp_path: Path) -> None:
    typed = "--data digits --set optimizer.momentum=0.8 --batch-size 16 --show"

    said = say("search", "run", *typed.split())

    recipe = shown(said, tmp_path)
    assert recipe.optimizer == SGD(learning_rate=0.05, momentum=0.8)
    assert recipe.batch_size == 16


def test_the_changed_recipe_is_recorded(say: Say, tmp_path: Path) -> None:
    typed = "--epochs 1 --train-subset 64 --set optimizer.momentum=0.8 --out run"

    assert say("train", "search_18", *typed.split()).code == 0

    design = json.loads((tmp_path / "run/seed-0/training.json").read_text())["design"]
    assert design["recipe"]["optimizer"]["momentum"] == 0.8


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("--set optimizer.momentun=0.9", ("optimizer.momentun", "nearest is momentum")),
        ("--set momentum=0.9", ("nearest is optimizer.momentum",)),
        ("--set momentum", ("FIELD=VALUE",)),
        ("--optimizer lion", ("lion", "adamw, rmsprop_tf, sgd")),
        ("--schedule cosin", ("cosin", "cosine")),
        ("--lr 0", ("--learning-rate is 0", "more than 0")),
        ("--augment imagnet", ("imagnet", "choose from")),
    ],
)
def test_a_wrong_change_is_one_line(
    typed: str, words: tuple[str, ...], say: Say
) -> None:
    said = say("train", "search_18", *typed.split())

    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    for word in words:
        assert word in said.err


def test_a_training_without_a_network_is_refused(say: Say) -> None:
    said = say("train", "--recipe", "digits")

    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "NETWORK" in said.err


@pytest.mark.parametrize("schedule", ["cosine", "linear", "step", "constant"])
def test_patience_that_may_cut_off_a_falling_rate_is_said(
    schedule: str, say: Say
) -> None:
    typed = "--show --set validation=100 --set patience=3 --schedule"

    said = say("train", *typed.split(), schedule)

    note = f"patience 3 may stop a training before its {schedule} schedule"
    assert (note in said.err) == (schedule in ("cosine", "linear"))
    assert said.code == 0
