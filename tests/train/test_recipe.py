"""Recipes say what they mean, or are refused in one line."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.codec import from_content, to_content
from rexpand.errors import SpecError, UnknownNameError
from rexpand.recipe import (
    EMA,
    RECIPES,
    SGD,
    Cosine,
    Recipe,
    find_recipe,
)


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_json(name: str) -> None:
    recipe = RECIPES[name]

    assert from_content(Recipe, to_content(recipe)) == recipe


def test_a_recipe_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("epochs = 3\nbatch_size = 32\n[augmentation]\nflip = true\n")

    recipe = find_recipe(str(path))

    assert (recipe.epochs, recipe.batch_size, recipe.augmentation.flip) == (3, 32, True)


def test_an_unknown_key_is_a_mistake_not_a_default() -> None:
    with pytest.raises(ValueError, match="unknown key momentun"):
        from_content(Recipe, {"epochs": 3, "momentun": 0.8})


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="nearest are cifar"):
        find_recipe("cifer")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("batch_size", 1),
        ("label_smoothing", 1.0),
        ("precision", "fp8"),
    ],
)
def test_a_value_out_of_range_is_quoted(field: str, value: object) -> None:
    with pytest.raises(SpecError, match=str(value)):
        replace(Recipe(epochs=1), **{field: value})


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        (SGD, "learning_rate", 0.0),
        (SGD, "momentum", 1.0),
        (SGD, "weight_decay", -1.0),
        (Cosine, "warmup_epochs", -1),
        (EMA, "decay", 1.0),
    ],
)
def test_a_part_out_of_range_is_quoted(kind: type, field: str, value: float) -> None:
    with pytest.raises(SpecError, match=f"{field}.* {value}"):
        kind(**{field: value})


def test_the_parts_of_a_recipe_are_tables_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        "epochs = 3\n[optimizer]\nlearning_rate = 0.2\n"
        "[schedule]\nwarmup_epochs = 0\n[averaging]\ndecay = 0.99\n"
    )

    recipe = find_recipe(str(path))

    assert recipe.optimizer == SGD(learning_rate=0.2)
    assert recipe.schedule == Cosine(warmup_epochs=0)
    assert recipe.averaging == EMA(decay=0.99)


@pytest.mark.parametrize(
    ("key", "place"), [("lr", "optimizer.learning_rate"), ("epoch", "epochs")]
)
def test_an_unknown_key_names_the_nearest(key: str, place: str) -> None:
    with pytest.raises(ValueError, match=f"unknown key {key}; the nearest is {place}"):
        from_content(Recipe, {"epochs": 3, key: 1})


def test_test_images_never_choose_when_to_stop() -> None:
    # Patience judges by held-out training images, so it needs some.
    with pytest.raises(SpecError, match="set validation"):
        Recipe(epochs=10, patience=3)


def test_a_shorter_recipe_warms_up_for_a_quarter_at_most() -> None:
    assert RECIPES["cifar"].schedule.warmup_epochs == 5
    assert RECIPES["cifar"].with_epochs(4).schedule.warmup_epochs == 1
