"""A training goes on with a changed recipe only where that is allowed and makes sense."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rexpand.data.dataset import DataSet
from rexpand.data.split import stratified_subset
from rexpand.errors import CheckpointError, StudyError
from rexpand.recipe import RECIPES, AdamW, Change, Recipe, changed
from rexpand.records import Record, read_passport, read_record
from rexpand.spec import network
from rexpand.train import Interval, Silence, train
from rexpand.train.design import MAY_CHANGE

SPEC = network("search_18")
RECIPE = replace(RECIPES["digits"].with_epochs(3), validation=40)


@pytest.fixture(scope="module")
def few(digits: DataSet) -> DataSet:
    """Four steps an epoch."""
    return replace(digits, train=stratified_subset(digits.train, 168, seed=0))


@pytest.fixture
def folder(few: DataSet, tmp_path: Path) -> Path:
    """The folder of a training of three epochs, of which two are done."""
    train(SPEC, RECIPE, few, folder=tmp_path, until_epoch=2)
    return tmp_path


def with_changes(**values: Any) -> Recipe:
    places = {name.replace("__", "."): value for name, value in values.items()}
    return changed(RECIPE, [Change(place=p, value=v) for p, v in places.items()])


def test_a_change_is_shown_and_refused(few: DataSet, folder: Path) -> None:
    before = (folder / "training.json").read_bytes()

    with pytest.raises(StudyError) as refused:
        train(SPEC, with_changes(epochs=4), few, folder=folder)

    assert str(refused.value) == (
        f"{folder} holds a training with other settings: recipe.epochs is 3, asked for 4; "
        "give the same ones to go on with it, allow the change, or give another folder"
    )
    assert (folder / "training.json").read_bytes() == before


def test_a_change_that_is_allowed_is_in_the_record(few: DataSet, folder: Path) -> None:
    recipe = with_changes(epochs=4, optimizer__learning_rate=0.01)

    record = train(SPEC, recipe, few, folder=folder, allow_change=True)

    assert len(record.epochs) == 4
    assert record.recipe == recipe
    assert {str(each) for each in record.changes} == {
        "epochs 3 to 4 from epoch 3, step 1 (asked)",
        "optimizer.learning_rate 0.05 to 0.01 from epoch 3, step 1 (asked)",
    }
    # The record that is read says the same, and so does the checkpoint itself.
    assert read_record(Record, folder / "record.json") == record
    passport = read_passport(folder / "network.safetensors")
    assert passport is not None
    assert passport.changes == record.changes


def test_the_same_command_goes_on_after_a_change(few: DataSet, folder: Path) -> None:
    recipe = with_changes(epochs=4)
    train(SPEC, recipe, few, folder=folder, allow_change=True, until_epoch=3)

    record = train(SPEC, recipe, few, folder=folder, allow_change=True)

    # It is written once, from where it was made.
    assert [each.epoch for each in record.changes] == [2]


def test_a_change_inside_an_epoch_names_the_step(few: DataSet, tmp_path: Path) -> None:
    class StopAtSixth(Silence):
        steps = 0

        def advance(self, images: int) -> None:
            self.steps += 1
            if self.steps == 6:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(
            SPEC,
            RECIPE,
            few,
            folder=tmp_path,
            progress=StopAtSixth(),
            checkpoint_every=Interval(steps=1),
        )

    record = train(
        SPEC, with_changes(label_smoothing=0.1), few, folder=tmp_path, allow_change=True
    )

    [change] = record.changes
    assert (change.epoch, change.step) == (1, 1)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"batch_size": 16}, "recipe.batch_size is 32, asked for 16"),
        ({"validation": 20}, "recipe.validation is 40, asked for 20"),
        ({"averaging": {"decay": 0.9}}, "recipe.averaging is None"),
        ({"learns": "classifier"}, "recipe.learns is 'all'"),
        ({"dropout": 0.5}, "recipe.dropout is None"),
    ],
)
def test_what_makes_another_training_is_refused_in_any_case(
    values: dict[str, Any], shown: str, few: DataSet, folder: Path
) -> None:
    with pytest.raises(StudyError, match="or another folder") as refused:
        train(SPEC, with_changes(**values), few, folder=folder, allow_change=True)

    assert shown in str(refused.value)


def test_another_kind_of_optimiser_is_another_training(
    few: DataSet, folder: Path
) -> None:
    with pytest.raises(StudyError, match=r"recipe\.optimizer\.kind is 'sgd'"):
        train(
            SPEC,
            replace(RECIPE, optimizer=AdamW()),
            few,
            folder=folder,
            allow_change=True,
        )


def test_another_network_seed_or_data_is_another_training(
    few: DataSet, folder: Path
) -> None:
    other = SPEC.with_channels((8, 8, 8, 8, 8))
    fewer = replace(few, train=few.train.subset(range(160)))

    for spec, data, seed in ((other, few, 0), (SPEC, fewer, 0), (SPEC, few, 1)):
        with pytest.raises(StudyError, match="with other settings"):
            train(spec, RECIPE, data, seed=seed, folder=folder, allow_change=True)


def test_fewer_epochs_than_are_done_are_refused(few: DataSet, folder: Path) -> None:
    before = (folder / "training.json").read_bytes()

    with pytest.raises(StudyError, match="epochs 1 is less than the 2"):
        train(SPEC, with_changes(epochs=1), few, folder=folder, allow_change=True)

    assert (folder / "training.json").read_bytes() == before


def test_a_training_that_is_over_cannot_change(few: DataSet, folder: Path) -> None:
    train(SPEC, RECIPE, few, folder=folder)
    before = {path.name: path.read_bytes() for path in folder.glob("*.json")}

    for allowed in (False, True):
        with pytest.raises(StudyError) as refused:
            train(
                SPEC, with_changes(epochs=4), few, folder=folder, allow_change=allowed
            )
        assert str(refused.value).endswith(
            "recipe.epochs is 3, asked for 4; give the same ones to go on with it, or "
            "another folder"
        )

    assert {path.name: path.read_bytes() for path in folder.glob("*.json")} == before


def test_without_patience_the_last_epoch_is_kept_again(
    few: DataSet, tmp_path: Path
) -> None:
    patient = with_changes(patience=2)
    train(SPEC, patient, few, folder=tmp_path, until_epoch=2)

    record = train(SPEC, RECIPE, few, folder=tmp_path, allow_change=True)

    assert record.best_epoch is None
    assert record.accuracy == record.epochs[-1].accuracy


def test_the_state_of_another_training_is_refused(
    few: DataSet, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("other")
    train(SPEC, RECIPE, few, seed=1, folder=other, until_epoch=1)
    for state in folder.glob("state*"):
        state.unlink()
    (other / "state.safetensors").rename(folder / "state.safetensors")

    for allowed in (False, True):
        with pytest.raises(CheckpointError, match="another training: seed is 1"):
            train(SPEC, RECIPE, few, folder=folder, allow_change=allowed)


def test_every_field_that_may_change_is_one_of_a_recipe() -> None:
    recipe = replace(RECIPE, averaging=RECIPES["modern"].averaging)

    for place in MAY_CHANGE:
        value: Any = recipe
        for name in place.split(".")[1:]:
            value = getattr(value, name)
