"""A fine-tuning: rates chosen on held-out images, then seeds on all of them."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from rexpand.data.dataset import DataSet
from rexpand.data.split import hold_out
from rexpand.errors import DataError, DivergedError, RunError, SpecError, StudyError
from rexpand.models import build, load_network, save_network
from rexpand.recipe import RECIPES, SGD
from rexpand.records import FineTuningSummary, Record, TriedRate, read_record
from rexpand.search.task import Task
from rexpand.search.worker import evaluate, training_data
from rexpand.search.workers import InProcess, Nobody
from rexpand.spec import network
from rexpand.train import fitted
from rexpand.transfer import (
    FineTuning,
    create_finetuning,
    design_finetuning,
    finetune,
    plan_finetuning,
    rates_around,
    run_finetuning,
)
from rexpand.transfer.design import grid_tasks, seed_tasks
from rexpand.transfer.summary import chosen_rate

RECIPE = replace(RECIPES["digits"].with_epochs(1), validation=0)
RATES = (0.01, 0.05)
IMAGES, HELD_OUT, SEEDS = 100, 30, 3


@pytest.fixture(scope="module")
def weights(digits: DataSet, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A checkpoint of 7 classes, whose norms have seen images."""
    torch.manual_seed(1)
    built = build(fitted(network("search_18"), digits).with_classes(7))
    built(torch.randn(16, 1, 8, 8))
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save_network(built, path, replace(digits.contract, class_names=()))
    return str(path)


def run(weights: str, folder: Path, seeds: int = SEEDS) -> FineTuningSummary:
    return finetune(
        weights,
        RECIPE,
        "digits",
        folder=folder,
        rates=RATES,
        held_out=HELD_OUT,
        seeds=seeds,
        train_subset=IMAGES,
    )


@pytest.fixture(scope="module")
def done(
    weights: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, FineTuningSummary]:
    folder = tmp_path_factory.mktemp("run") / "tuned"
    return folder, run(weights, folder)


def records(folder: Path, pattern: str) -> list[Record]:
    paths = sorted(folder.glob(f"{pattern}/record.json"))
    return [read_record(Record, path) for path in paths]


def test_the_grid_is_judged_by_training_images_that_were_held_out(
    done: tuple[Path, FineTuningSummary],
) -> None:
    folder, summary = done

    tried = records(folder, "grid/*/*")

    assert [each.recipe.optimizer.learning_rate for each in tried] == [*RATES]
    for each in tried:
        assert each.evaluated_on == "validation"
        assert (each.images, each.evaluated_images) == (IMAGES - HELD_OUT, HELD_OUT)
    assert summary.grid == tuple(
        TriedRate(learning_rate=rate, accuracies=(each.accuracy,), losses=(each.loss,))
        for rate, each in zip(RATES, tried, strict=True)
    )


def test_the_seeds_learn_from_all_images_at_the_chosen_rate(
    done: tuple[Path, FineTuningSummary], digits: DataSet
) -> None:
    folder, summary = done

    seeds = records(folder, "seed-*")

    best = max(summary.grid, key=lambda each: (each.accuracies[0], -each.losses[0]))
    assert summary.learning_rate == best.learning_rate
    for number, each in enumerate(seeds):
        assert each.seed == number
        assert each.recipe.optimizer.learning_rate == summary.learning_rate
        assert each.evaluated_on == "test"
        assert (each.images, each.evaluated_images) == (IMAGES, len(digits.test))
    assert summary.accuracies == tuple(each.accuracy for each in seeds)
    assert summary.images == IMAGES


def test_the_interval_is_students(done: tuple[Path, FineTuningSummary]) -> None:
    _, summary = done

    low, high = stats.t.interval(
        0.95,
        SEEDS - 1,
        loc=np.mean(summary.accuracies),
        scale=stats.sem(summary.accuracies),
    )

    assert summary.accuracy is not None
    assert summary.accuracy.mean == pytest.approx(np.mean(summary.accuracies))
    assert (summary.accuracy.low, summary.accuracy.high) == pytest.approx((low, high))


def test_every_training_begins_with_the_weights(
    done: tuple[Path, FineTuningSummary], weights: str
) -> None:
    folder, summary = done

    every = records(folder, "**")

    assert len(every) == len(RATES) + SEEDS
    assert {each.started_from for each in every} == {weights} == {summary.started_from}
    # The folder keeps them: the classes are theirs, not those of the data.
    kept, given = load_network(folder / "start.safetensors"), load_network(weights)
    assert all(
        torch.equal(each, given.state_dict()[name])
        for name, each in kept.state_dict().items()
    )


def marked(path: Path) -> None:
    """Images whose first pixel says whether they are for tests."""
    generator = np.random.default_rng(0)
    arrays = {}
    for part, count in (("train", 60), ("test", 20)):
        images = generator.integers(1, 255, (count, 8, 8, 1), dtype=np.uint8)
        images[:, 0, 0] = 255 if part == "test" else 0
        arrays[f"{part}_images"] = images
        arrays[f"{part}_labels"] = np.arange(count) % 4
    np.savez(path, **arrays)


def test_no_test_image_is_held_out(tmp_path: Path) -> None:
    marked(tmp_path / "marked.npz")
    design, _ = design_finetuning(
        "search_18", RECIPE, str(tmp_path / "marked.npz"), from_scratch=True
    )
    # Without a word of how many: a fifth.
    assert design.held_out == 12

    for task in grid_tasks(design, tmp_path, None):
        data = training_data(task)
        rest, held_out = hold_out(data.train, task.recipe.validation, seed=0)
        for split, is_test in ((rest, False), (held_out, False), (data.test, True)):
            first = [
                images[:, 0, 0, 0]
                for images, _ in split.batches(
                    batch_size=64,
                    device=torch.device("cpu"),
                    seed=None,
                    augmentation=None,
                )
            ]
            # 255 is the largest value after normalisation too, 0 the smallest.
            assert ((torch.cat(first) > 0) == is_test).all()
        assert len(rest) + len(held_out) == 60


class Stopping(Nobody):
    """Stops the run like Ctrl-C after some trainings."""

    def __init__(self, after: int) -> None:
        self.left = after

    def end_trial(self, number: int, accuracy: float | None) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt


def test_a_run_that_was_stopped_goes_on_to_the_same_summary(
    done: tuple[Path, FineTuningSummary], weights: str, tmp_path: Path
) -> None:
    _, whole = done
    design, start = design_finetuning(
        weights,
        RECIPE,
        "digits",
        rates=RATES,
        held_out=HELD_OUT,
        seeds=SEEDS,
        train_subset=IMAGES,
    )
    create_finetuning(design, start, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_finetuning(design, tmp_path, InProcess, Stopping(after=3))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("**/record.json")}

    found = run(weights, tmp_path)

    assert (found.grid, found.accuracies) == (whole.grid, whole.accuracies)
    # What was finished was not done again.
    assert len(before) == 3
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_its_recipe_may_change_until_a_training_is_over(
    weights: str, tmp_path: Path
) -> None:
    folder, changed = tmp_path / "run", replace(RECIPE, epochs=2, label_smoothing=0.1)
    wanted = {"rates": [0.05], "seeds": 1, "train_subset": IMAGES}
    begun = replace(RECIPE, epochs=2)
    design, start = design_finetuning(weights, begun, "digits", **wanted)
    [task] = seed_tasks(create_finetuning(design, start, folder), 0.05, folder, None)
    evaluate(replace(task, until_epoch=1))

    with pytest.raises(StudyError, match=r"recipe\.label_smoothing is 0\.0.* allow"):
        finetune(weights, changed, "digits", folder=folder, **wanted)
    finetune(weights, changed, "digits", folder=folder, allow_change=True, **wanted)

    # The training that had begun says from where on it has the other value.
    [record] = records(folder, "seed-*")
    assert [(each.field, each.epoch) for each in record.changes] == [
        ("label_smoothing", 1)
    ]
    # Now there is a result, which another recipe would not be compared with.
    with pytest.raises(StudyError, match="or another folder"):
        finetune(weights, begun, "digits", folder=folder, allow_change=True, **wanted)


def test_a_plan_counts_the_trainings_and_leaves_nothing(
    weights: str, tmp_path: Path
) -> None:
    design, start = design_finetuning(
        weights,
        RECIPE,
        "digits",
        rates=RATES,
        seeds=SEEDS,
        grid_seeds=2,
        train_subset=IMAGES,
    )

    forecast = plan_finetuning(design, start)

    assert design.trainings == 2 * len(RATES) + SEEDS
    assert (forecast.epochs, forecast.batch_size) == (1, RECIPE.batch_size)
    assert forecast.seconds > 0
    assert [*tmp_path.iterdir()] == []


def test_it_can_be_asked_for_more_seeds_and_for_nothing_else(
    done: tuple[Path, FineTuningSummary], weights: str
) -> None:
    folder, first = done

    more = run(weights, folder, seeds=SEEDS + 1)

    assert more.accuracies[:SEEDS] == first.accuracies
    assert len(more.accuracies) == SEEDS + 1
    with pytest.raises(StudyError, match="with other settings: rates"):
        finetune(weights, RECIPE, "digits", folder=folder, rates=(0.1,))


def test_other_weights_of_the_same_name_are_other_settings(
    digits: DataSet, tmp_path: Path
) -> None:
    path = tmp_path / "weights.safetensors"
    designs = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        save_network(build(fitted(network("search_18"), digits)), path, digits.contract)
        designs.append(design_finetuning(str(path), RECIPE, "digits"))
    create_finetuning(*designs[0], tmp_path / "run")

    with pytest.raises(StudyError, match="weights_fingerprint"):
        create_finetuning(*designs[1], tmp_path / "run")


def test_one_rate_needs_no_grid(tmp_path: Path) -> None:
    found = finetune(
        "search_18",
        RECIPE,
        "digits",
        folder=tmp_path / "run",
        from_scratch=True,
        rates=(0.02,),
        seeds=1,
        train_subset=40,
    )

    assert (found.grid, found.learning_rate) == ((), 0.02)
    assert found.started_from is None
    assert len(records(tmp_path / "run", "**")) == 1


def test_a_network_without_weights_is_refused() -> None:
    with pytest.raises(SpecError, match="search_18 has no weights to begin with; give"):
        design_finetuning("search_18", RECIPE, "digits")


def test_patience_is_refused(weights: str) -> None:
    recipe = replace(RECIPE, validation=50, patience=2)

    with pytest.raises(SpecError, match=r"patience is 2, .* set patience to 0"):
        design_finetuning(weights, recipe, "digits")


def test_holding_out_nearly_all_images_is_refused(weights: str) -> None:
    with pytest.raises(DataError, match=r"99 of 100 training images .* hold out fewer"):
        design_finetuning(weights, RECIPE, "digits", held_out=99, train_subset=100)


def test_the_grid_surrounds_the_rate_of_the_recipe() -> None:
    assert rates_around(0.01) == (0.001, 0.0032, 0.01, 0.032, 0.1)


def design(seeds: int = 1) -> FineTuning:
    return FineTuning(
        spec=network("search_18"),
        recipe=RECIPE,
        data="digits",
        rates=(0.1, 0.2, 0.3),
        held_out=10,
        seeds=1,
        grid_seeds=seeds,
    )


def tried(
    *accuracies: Sequence[float], losses: Sequence[float] = ()
) -> list[TriedRate]:
    losses = losses or (1.0,) * len(accuracies)
    return [
        TriedRate(
            learning_rate=rate, accuracies=tuple(each), losses=(loss,) * len(each)
        )
        for rate, each, loss in zip((0.1, 0.2, 0.3), accuracies, losses, strict=True)
    ]


def test_the_best_mean_is_chosen() -> None:
    grid = tried((50.0, 90.0), (71.0, 71.0), (60.0, 60.0))

    assert chosen_rate(design(seeds=2), grid) == 0.2


def test_equal_accuracies_are_told_apart_by_loss_and_then_by_the_lower_rate() -> None:
    equal = ((70.0,), (70.0,), (70.0,))

    assert chosen_rate(design(), tried(*equal, losses=(0.9, 0.8, 0.7))) == 0.3
    assert chosen_rate(design(), tried(*equal)) == 0.1


def test_nothing_is_chosen_before_every_rate_is_tried() -> None:
    assert chosen_rate(design(), tried((70.0,), (), (60.0,))) is None


def test_a_rate_that_diverged_is_not_chosen() -> None:
    grid = tried((70.0,), (60.0,), ())
    grid[2] = replace(grid[2], diverged=1)
    assert chosen_rate(design(), grid) == 0.1

    grid[0] = replace(grid[0], accuracies=(), losses=(), diverged=1)
    assert chosen_rate(design(), grid) == 0.2


class Diverging(InProcess):
    """Trains, but at high rates the loss is infinite."""

    def __init__(self, above: float) -> None:
        super().__init__()
        self.above = above

    def submit(self, task: Task) -> "Future[Record]":
        optimizer = task.recipe.optimizer
        assert isinstance(optimizer, SGD)
        if optimizer.learning_rate > self.above:
            raise DivergedError("the loss is infinite")
        return super().submit(task)


def test_a_grid_goes_on_where_a_rate_diverges(weights: str, tmp_path: Path) -> None:
    asked, start = design_finetuning(
        weights, RECIPE, "digits", rates=RATES, held_out=20, seeds=1, train_subset=60
    )
    create_finetuning(asked, start, tmp_path)

    found = run_finetuning(asked, tmp_path, lambda: Diverging(0.02), Nobody())

    assert found.learning_rate == 0.01
    assert [each.diverged for each in found.grid] == [0, 1]
    create_finetuning(asked, start, tmp_path / "other")
    with pytest.raises(RunError, match=r"diverges at all 2 learning rates from 0\.01"):
        run_finetuning(asked, tmp_path / "other", lambda: Diverging(0), Nobody())


def test_the_trainings_are_fed_at_the_size_that_was_asked_for(weights: str) -> None:
    asked, _ = design_finetuning(weights, RECIPE, "digits", resolution=12)

    for task in (
        *grid_tasks(asked, Path(), None),
        *seed_tasks(asked, 0.1, Path(), None),
    ):
        assert task.spec.resolution == 12
        assert training_data(task).resolution == 12
