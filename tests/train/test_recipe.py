"""Recipes say what they mean, or are refused in one line."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.errors import SpecError, UnknownNameError
from rexpand.recipe import RECIPES, Recipe, find_recipe, recipe_from_dict


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_json(name: str) -> None:
    recipe = RECIPES[name]

    assert recipe_from_dict(recipe.to_dict()) == recipe


def test_a_recipe_is_read_from_toml(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("epochs = 3\nbatch_size = 32\n[augmentation]\nflip = true\n")

    recipe = find_recipe(str(path))

    assert (recipe.epochs, recipe.batch_size, recipe.augmentation.flip) == (3, 32, True)


def test_an_unknown_key_is_a_mistake_not_a_default() -> None:
    with pytest.raises(SpecError, match="unknown key momentun"):
        recipe_from_dict({"epochs": 3, "momentun": 0.8})


def test_an_unknown_recipe_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="nearest are cifar"):
        find_recipe("cifer")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("epochs", 0),
        ("batch_size", 1),
        ("learning_rate", 0.0),
        ("momentum", 1.0),
        ("label_smoothing", 1.0),
        ("precision", "fp8"),
    ],
)
def test_a_value_out_of_range_is_quoted(field: str, value: object) -> None:
    with pytest.raises(SpecError, match=str(value)):
        replace(Recipe(epochs=1), **{field: value})


def test_test_images_never_choose_when_to_stop() -> None:
    # Patience judges by held-out training images, so it needs some.
    with pytest.raises(SpecError, match="set validation"):
        Recipe(epochs=10, patience=3)


def test_a_shorter_recipe_warms_up_for_a_quarter_at_most() -> None:
    assert replace(RECIPES["cifar"], warmup_epochs=5).with_epochs(4).warmup_epochs == 1
