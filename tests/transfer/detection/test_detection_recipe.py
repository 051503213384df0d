"""Recipes of detectors: by name, in files, changed, and their learning rates."""

from pathlib import Path

import pytest

from rexpand.errors import SpecError, UnknownNameError
from rexpand.recipe import (
    DETECTION_RECIPES,
    Change,
    DetectionRecipe,
    Milestones,
    changed,
    find_detection_recipe,
    recipe_to_toml,
)
from rexpand.train.optimization import learning_rate_at


@pytest.mark.parametrize("name", DETECTION_RECIPES)
def test_what_is_shown_is_a_file_of_the_same_recipe(name: str, tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(recipe_to_toml(DETECTION_RECIPES[name]))

    assert find_detection_recipe(str(path)) == DETECTION_RECIPES[name]


def test_a_file_starts_from_another_recipe(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('from = "1x"\nepochs = 24\n[schedule]\nepochs = [16, 22]\n')

    recipe = find_detection_recipe(str(path))

    assert recipe.epochs == 24
    assert recipe.schedule == Milestones(
        warmup_epochs=DETECTION_RECIPES["1x"].schedule.warmup_epochs, epochs=(16, 22)
    )


def test_a_recipe_of_classification_is_none_of_a_detector() -> None:
    with pytest.raises(UnknownNameError, match="choose from 1x, 3x"):
        find_detection_recipe("paper")


def test_milestones_divide_the_rate_and_keep_their_proportion() -> None:
    recipe = DETECTION_RECIPES["1x"].with_epochs(24)

    rates = [learning_rate_at(10 * epoch, 10, recipe) for epoch in range(1, 24)]

    # A tenth after 16 of 24 epochs, a hundredth after 22: 8 and 11 of 12.
    assert rates[:15] == [0.02] * 15
    assert rates[15:21] == pytest.approx([0.002] * 6)
    assert rates[21:] == pytest.approx([0.0002] * 2)


def test_milestones_rise() -> None:
    with pytest.raises(SpecError, match="give each once, the first one first"):
        Milestones(epochs=(11.0, 8.0))


def test_lists_are_set_by_text() -> None:
    change = Change.parse("schedule.epochs=[4, 6.5]")

    recipe = changed(DETECTION_RECIPES["1x"], [change])

    assert recipe.schedule.epochs == (4.0, 6.5)  # type: ignore[union-attr]


def test_accumulation_parts_the_batch_into_equal_parts() -> None:
    with pytest.raises(SpecError, match="accumulation 3 does not part"):
        DetectionRecipe(epochs=1, batch_size=16, accumulation=3)
