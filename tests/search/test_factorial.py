"""The factorial experiment: equal macs, one thing changed per factor, nothing lost."""

from dataclasses import replace
from pathlib import Path
from statistics import mean

import pytest

from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.errors import BudgetError, SpecError, StudyError
from rexpand.recipe import RECIPES, Augmentation
from rexpand.records import Record, read_record
from rexpand.search.factorial import Factorial
from rexpand.search.factorial_cells import (
    FactorialCell,
    factorial_cells,
    small_frame,
)
from rexpand.search.factorial_design import (
    FactorialDesign,
    create_factorial,
    factorial_design,
    factorial_folder,
    run_factorial,
)
from rexpand.search.factorial_summary import summarise_factorial
from rexpand.search.workers import InProcess
from rexpand.spec import InvertedBottleneck, network
from rexpand.train import fitted

FULL = Factorial(factors=4)
MACS = 2_000_000


class Quiet:
    def __init__(self) -> None:
        self.ended: list[int] = []

    def begin(self, *, trials: int, finished: int, seeds: int) -> None:
        self.trials, self.finished = trials, finished

    def end_trial(self, number: int, accuracy: float | None) -> None:
        self.ended.append(number)


def small_cells() -> dict[str, FactorialCell]:
    frame = small_frame().with_classes(100)
    cells = factorial_cells(FULL, frame, RECIPES["search"], MACS, 0.01)
    return {cell.high: cell for cell in cells}


@pytest.fixture(scope="module")
def design(digits: DataSet) -> FactorialDesign:
    """Half of the cells at 150k macs, two seeds, one epoch of 50 digits."""
    return factorial_design(
        fitted(small_frame(), digits),
        fraction="half",
        macs=150_000,
        tolerance=0.05,
        seeds=2,
        recipe=RECIPES["digits"].with_epochs(1),
        data="digits",
        train_subset=50,
    )


@pytest.fixture(scope="module")
def finished(design: FactorialDesign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("factorial") / "whole"
    create_factorial(design, folder)
    run_factorial(design, folder, InProcess(), Quiet())
    return folder


def test_all_cells_have_equal_macs_also_with_squeeze_excites() -> None:
    for cell in small_cells().values():
        # Within one percent of the budget and never above it.
        assert 0.99 * MACS <= cost_of(cell.spec).macs <= MACS


def test_the_stages_double_and_the_line_is_a_line() -> None:
    cells = small_cells()

    steps, line = cells[""].spec.channels, cells["A"].spec.channels
    # The stages are flat and double, but for the channels that fill the budget.
    for stage, width in enumerate((7, 15, 30)):
        assert steps[3 * stage : 3 * stage + 3] == pytest.approx([width] * 3, abs=1)
    # A line from the first stage's width: no block is further from it than rounding is.
    slope = (line[-1] - line[0]) / 8
    assert line[0] == steps[0]
    assert line == pytest.approx([line[0] + slope * i for i in range(9)], abs=1)


@pytest.mark.parametrize("letter", "BCD")
def test_a_factor_changes_what_its_name_says_and_nothing_else(letter: str) -> None:
    cells = small_cells()
    for high, cell in cells.items():
        if letter in high:
            continue
        other = cells["".join(sorted({*high, letter}))]

        if letter == "B":
            # A nonlinearity costs no macs, so the channels are the same ones.
            assert other.spec.channels == cell.spec.channels
            assert _activations(cell) == {"relu6"}
            assert _activations(other) == {"silu"}
            assert {b.depthwise_activation for b in _blocks(other)} == {"relu6"}
        if letter == "C":
            assert not any(block.squeeze_excite for block in _blocks(cell))
            first, *others = _blocks(other)
            assert first.squeeze_excite is None  # it does not expand
            assert all(block.squeeze_excite for block in others)
            assert other.spec.stem == cell.spec.stem
        if letter == "D":
            assert other.spec.channels == cell.spec.channels
            assert cell.recipe.augmentation == Augmentation(crop_padding=4, flip=True)
            paper = RECIPES["paper"].augmentation
            assert other.recipe.augmentation == replace(paper, crop_padding=4)
        else:
            assert other.recipe == cell.recipe


def _blocks(cell: FactorialCell) -> list[InvertedBottleneck]:
    blocks = [b for b in cell.spec.blocks if isinstance(b, InvertedBottleneck)]
    assert len(blocks) == cell.spec.depth
    return blocks


def _activations(cell: FactorialCell) -> set[str]:
    spec = cell.spec
    expanding = {block.expand_activation for block in _blocks(cell)}
    return expanding | {spec.stem.activation, spec.head.activation}


def test_at_the_papers_size_the_stages_are_those_of_mobilenetv2() -> None:
    mobilenet = network("mobilenetv2_100")

    first, line, *_ = factorial_cells(
        FULL, mobilenet, RECIPES["paper"], cost_of(mobilenet).macs, 0.01
    )

    # Its own macs give its own channels back, in which SE and SiLU are off.
    assert first.spec.channels == mobilenet.channels
    assert first.recipe.augmentation == RECIPES["plain"].augmentation
    assert line.spec.channels[0] == 16


def test_a_network_of_other_blocks_is_refused() -> None:
    with pytest.raises(SpecError, match="needs a network of inverted bottlenecks"):
        factorial_cells(FULL, network("resnet18"), RECIPES["search"], 10**9, 0.01)


def test_macs_that_no_network_comes_near_are_refused() -> None:
    with pytest.raises(BudgetError, match="% fewer; give more macs, or a wider toler"):
        factorial_cells(FULL, small_frame(), RECIPES["search"], 1_100_000, 0.0001)


def test_a_design_comes_back_from_its_folder(
    design: FactorialDesign, tmp_path: Path
) -> None:
    create_factorial(design, tmp_path / "new")

    assert factorial_folder(tmp_path / "new").read() == design
    with pytest.raises(StudyError, match="other settings: macs is 150000, asked for 1"):
        create_factorial(replace(design, macs=1), tmp_path / "new")


def test_an_experiment_is_given_more_seeds_and_keeps_what_it_has(
    design: FactorialDesign, tmp_path: Path
) -> None:
    create_factorial(design, tmp_path / "new")

    create_factorial(replace(design, seeds=3), tmp_path / "new")
    create_factorial(replace(design, seeds=1), tmp_path / "new")

    assert factorial_folder(tmp_path / "new").read().seeds == 3


def test_every_cell_is_trained_by_its_own_recipe_for_the_same_seeds(
    design: FactorialDesign, finished: Path
) -> None:
    for number, cell in enumerate(design.cells):
        for seed in range(2):
            place = finished / f"cells/{number}/seed-{seed}/record.json"
            record = read_record(Record, place)
            assert (record.spec, record.recipe) == (cell.spec, cell.recipe)


def test_the_summary_has_the_effects_of_the_records(
    design: FactorialDesign, finished: Path
) -> None:
    summary = summarise_factorial(finished)

    # An effect is the mean where a factor is high, less that where it is low.
    by_level = {
        level: mean(
            accuracy
            for cell in summary.cells
            if cell.levels[0] == level
            for accuracy in cell.accuracies
        )
        for level in ("stage-wise", "linear")
    }
    channels = summary.effects[0]
    assert (channels.name, channels.alias) == ("channels", "BCD")
    assert channels.effect == pytest.approx(by_level["linear"] - by_level["stage-wise"])
    assert summary.defining_relation == "I = ABCD"
    assert summary.complete_seeds == (0, 1)
    assert summary.spread is not None
    assert summary.spread.degrees_of_freedom == 7
    assert [each.effect for each in summary.needed] == [0.25, 0.5, 1.0, 2.0]


def test_what_is_done_is_not_done_again_and_changes_no_number(
    design: FactorialDesign, finished: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cut"
    create_factorial(design, folder)
    for place in ("cells/0/seed-0", "cells/3/seed-1"):
        (folder / place).mkdir(parents=True)
        record = (finished / place / "record.json").read_bytes()
        (folder / place / "record.json").write_bytes(record)
    quiet = Quiet()

    run_factorial(design, folder, InProcess(), quiet)

    assert (quiet.trials, quiet.finished, len(quiet.ended)) == (16, 2, 14)
    effects = [
        [each.effect for each in summarise_factorial(place).effects]
        for place in (folder, finished)
    ]
    assert effects[0] == effects[1]


def test_only_seeds_that_every_cell_has_are_analysed(
    design: FactorialDesign, finished: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "half"
    create_factorial(design, folder)
    assert summarise_factorial(folder).effects == ()
    for path in finished.glob("cells/*/*/record.json"):
        if path.parts[-3:-1] != ("5", "seed-1"):
            there = folder / path.relative_to(finished)
            there.parent.mkdir(parents=True)
            there.write_bytes(path.read_bytes())

    summary = summarise_factorial(folder)

    assert summary.complete_seeds == (0,)
    assert sum(len(cell.seeds) for cell in summary.cells) == 15
    assert summary.spread is None
    assert all(each.low is None for each in summary.effects)
