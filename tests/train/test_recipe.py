"""Recipes say what they mean, or are refused in one line."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.codec import from_content, to_content
from rexpand.errors import SpecError, UnknownNameError
from rexpand.recipe import (
    EMA,
    RECIPES,
    SGD,
    AdamW,
    Augmentation,
    Change,
    Cosine,
    Recipe,
    RMSpropTF,
    Step,
    changed,
    find_recipe,
    recipe_to_toml,
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
        (AdamW, "beta2", 1.0),
        (RMSpropTF, "eps", 0.0),
        (Step, "factor", 0.0),
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


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_written_as_toml_reads_back_equal(name: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"

    path.write_text(recipe_to_toml(RECIPES[name]))

    assert find_recipe(str(path)) == RECIPES[name]


def test_a_file_starts_from_a_recipe_and_names_its_changes(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('from = "paper"\nepochs = 100\n[optimizer]\nlearning_rate = 0.2\n')

    paper, mine = RECIPES["paper"], find_recipe(str(path))

    # A table keeps what is not named.
    assert mine.optimizer == replace(paper.optimizer, learning_rate=0.2)
    assert mine == replace(paper, epochs=100, optimizer=mine.optimizer)


def test_a_file_starts_from_a_file_beside_it(tmp_path: Path) -> None:
    (tmp_path / "first.toml").write_text("epochs = 7\nbatch_size = 16\n")
    second = tmp_path / "second.toml"
    second.write_text('from = "first.toml"\nbatch_size = 8\n')

    assert find_recipe(str(second)) == Recipe(epochs=7, batch_size=8)


def test_a_file_that_starts_from_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('from = "mine.toml"\n')

    with pytest.raises(SpecError, match=r"mine.toml starts from itself"):
        find_recipe(str(path))


def test_a_start_that_is_no_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("from = 3\n")

    with pytest.raises(SpecError, match="from is 3; give a text"):
        find_recipe(str(path))


def test_another_kind_starts_from_its_own_defaults() -> None:
    # SGD's rate of 0.5 would be no rate for Adam.
    by_name = changed(RECIPES["paper"], [Change(place="optimizer", value="adamw")])
    by_kind = changed(RECIPES["paper"], [Change.parse("optimizer.kind=rmsprop_tf")])

    assert by_name.optimizer == AdamW()
    assert by_kind.optimizer == RMSpropTF()


def test_the_same_kind_keeps_its_fields() -> None:
    paper = RECIPES["paper"]

    assert changed(paper, [Change(place="optimizer", value="sgd")]) == paper


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("epochs=3", "epochs", 3),
        ("precision=bf16", "precision", "bf16"),
        ("channels_last=false", "channels_last", False),
        ("label_smoothing = 1e-1", "label_smoothing", 0.1),
        ("averaging.decay=0.99", "averaging", EMA(decay=0.99)),
        (
            "optimizer.momentum=0.95",
            "optimizer",
            SGD(learning_rate=0.05, momentum=0.95),
        ),
        ("dropout=none", "dropout", None),
    ],
)
def test_a_change_reaches_any_field(text: str, field: str, value: object) -> None:
    recipe = RECIPES["quick"]

    assert changed(recipe, [Change.parse(text)]) == replace(recipe, **{field: value})


def test_none_empties_a_table() -> None:
    recipe = replace(RECIPES["quick"], averaging=EMA())

    assert changed(recipe, [Change.parse("averaging=none")]).averaging is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("optimizer.momentun=0.9", "unknown key optimizer.momentun; .* momentum"),
        ("momentum=0.9", "unknown key momentum; the nearest is optimizer.momentum"),
        ("optimizer.momentum=high", "optimizer.momentum is 'high'; give a number"),
        ("optimizer.momentum=1.5", "momentum is 1.5; give"),
        ("optimizer=lion", "kind 'lion'; choose from adamw, rmsprop_tf, sgd"),
        ("epochs", "'epochs' is not a change of a recipe; write FIELD=VALUE"),
        ("=3", "is not a change"),
        ("epochs=", "is not a change"),
        ("epochs.long=3", "epochs is .*; give a whole number"),
    ],
)
def test_a_wrong_change_is_refused_with_the_way_out(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        changed(RECIPES["quick"], [Change.parse(text)])


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


def test_a_shorter_recipe_steps_in_proportion() -> None:
    recipe = Recipe(epochs=100, schedule=Step(epochs=10))

    assert recipe.with_epochs(20).schedule.epochs == 2


def test_the_papers_recipe_is_that_of_the_release(tmp_path: Path) -> None:
    # Section 5.1 and the command of the release's README (clovaai/rexnet), 4 GPUs:
    #   --batch-size 128 --epochs 400 --sched cosine --lr 0.5 --weight-decay 1e-5
    #   --opt sgd --amp --remode pixel --reprob 0.2 --drop 0.2 --aa rand-m9-mstd0.5
    # and of the paper: momentum 0.9, five warm-up epochs.
    path = tmp_path / "shown.toml"
    path.write_text(recipe_to_toml(RECIPES["paper"]))

    said = tomllib.loads(path.read_text())

    assert said["batch_size"] == 4 * 128
    assert said["epochs"] == 400
    assert said["schedule"] == {"kind": "cosine", "warmup_epochs": 5}
    assert said["optimizer"] == {
        "kind": "sgd",
        "learning_rate": 0.5,
        "momentum": 0.9,
        "weight_decay": 1e-5,
    }
    assert said["precision"] == "auto"
    assert said["dropout"] == 0.2
    augmentation = said["augmentation"]
    assert augmentation["flip"]
    # timm's defaults: two operations, each with probability 1/2; 2 to 33 % erased.
    assert augmentation["rand_augment"] == {
        "magnitude": 9,
        "deviation": 0.5,
        "operations": 2,
        "probability": 0.5,
    }
    assert augmentation["erasing"] == {"probability": 0.2, "least": 0.02, "most": 1 / 3}
    # Nothing of what the command does not name.
    assert {"mixup", "cutmix"}.isdisjoint(augmentation)
    assert {"averaging", "drop_path"}.isdisjoint(said)
    assert (said["label_smoothing"], said["patience"]) == (0, 0)


def test_plain_is_the_papers_without_its_augmentation() -> None:
    plain, paper = RECIPES["plain"], RECIPES["paper"]

    assert plain.augmentation == Augmentation(flip=True)
    assert replace(plain, augmentation=paper.augmentation) == paper


@pytest.mark.parametrize("name", RECIPES)
def test_no_recipe_of_ours_cuts_a_cosine(name: str) -> None:
    # The last epochs of a cosine gain the most (results/early_stopping).
    recipe = RECIPES[name]

    assert not (isinstance(recipe.schedule, Cosine) and recipe.patience)
