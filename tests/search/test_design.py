"""A study folder says what it is, and is never taken for another."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.budget import Budget
from rexpand.data.dataset import DataSet, with_train_subset
from rexpand.errors import BudgetError, DataError, StudyError
from rexpand.recipe import RECIPES
from rexpand.search.design import (
    StudyDesign,
    create_study,
    fitted_to,
    holding_out,
    read_study,
)
from rexpand.spec import network


def test_a_design_survives_its_file(design: StudyDesign, tmp_path: Path) -> None:
    create_study(design, tmp_path / "study")

    assert read_study(tmp_path / "study") == design


def test_the_same_study_may_be_asked_for_again(
    design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "study")

    create_study(design, tmp_path / "study")


def test_other_settings_are_named(design: StudyDesign, tmp_path: Path) -> None:
    create_study(design, tmp_path / "study")

    with pytest.raises(
        StudyError, match="settings: seeds is 2, asked for 3; slack is 0"
    ):
        create_study(replace(design, seeds=3, slack=0.1), tmp_path / "study")


def test_a_folder_of_something_else_is_left_alone(
    design: StudyDesign, tmp_path: Path
) -> None:
    (tmp_path / "thesis.tex").write_text("precious")

    with pytest.raises(StudyError, match="holds no study"):
        create_study(design, tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_study_that_cannot_be_drawn_leaves_no_folder(
    design: StudyDesign, tmp_path: Path
) -> None:
    # No network of the family is so cheap.
    with pytest.raises(BudgetError, match="needs at least"):
        create_study(replace(design, budget=Budget(macs=10)), tmp_path / "study")

    assert not (tmp_path / "study").exists()


def test_another_versions_study_is_refused(design: StudyDesign, tmp_path: Path) -> None:
    create_study(design, tmp_path / "study")
    path = tmp_path / "study" / "study.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 99}))

    with pytest.raises(StudyError, match="version 99"):
        read_study(tmp_path / "study")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_a_corrupt_study_is_refused_in_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text(text)

    with pytest.raises(StudyError, match="corrupt") as caught:
        read_study(tmp_path)

    assert "\n" not in str(caught.value)


def test_budgets_count_the_classifier_only_where_there_is_one(digits: DataSet) -> None:
    # The paper's search networks are costed without a classifier.
    assert fitted_to(network("search_18"), digits).num_classes == 0
    assert fitted_to(network("rexnet_100"), digits).num_classes == 10


def test_the_budget_is_for_the_images_of_the_data(digits: DataSet) -> None:
    spec = fitted_to(network("search_18"), digits)

    assert (spec.resolution, spec.in_channels) == (8, 1)


def test_test_images_never_judge_a_trial(design: StudyDesign) -> None:
    with pytest.raises(StudyError, match="test images would judge the trials"):
        replace(design, recipe=RECIPES["folder"])


def test_a_search_holds_out_a_tenth_of_the_training_images(digits: DataSet) -> None:
    images = len(digits.train)

    assert holding_out(RECIPES["folder"], digits).validation == images // 10
    # A recipe that holds images out keeps its own number.
    assert holding_out(RECIPES["digits"], digits) == RECIPES["digits"]


def test_a_search_on_too_few_images_is_refused(digits: DataSet) -> None:
    few = with_train_subset(digits, 11, held_out=0, seed=0)

    # One image for each of ten classes judges; one is left.
    with pytest.raises(DataError, match="11 training images of 10 classes"):
        holding_out(RECIPES["folder"], few)
