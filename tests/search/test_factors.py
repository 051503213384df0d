"""The factor analysis: equal macs by construction, paired seeds, nothing lost."""

from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import pytest

from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.errors import BudgetError, StudyError
from rexpand.recipe import RECIPES
from rexpand.records import Record, read_record
from rexpand.search.factor_design import (
    FactorDesign,
    create_factors,
    factor_folder,
    table_2,
)
from rexpand.search.factor_settings import FACTOR_SETTINGS
from rexpand.search.factor_summary import summarise_factors
from rexpand.search.factor_widths import Frame
from rexpand.search.factors import run_factors
from rexpand.search.intervals import interval
from rexpand.search.workers import InProcess

CIFAR = Frame(resolution=32, in_channels=3, num_classes=100)


class Quiet:
    def __init__(self) -> None:
        self.ended: list[int] = []

    def begin(self, *, trials: int, finished: int, seeds: int) -> None:
        self.trials, self.finished = trials, finished

    def end_trial(self, number: int, accuracy: float | None) -> None:
        self.ended.append(number)


@pytest.fixture(scope="module")
def design(digits: DataSet) -> FactorDesign:
    """The four rows at 300k macs, two seeds, one epoch of 100 digits."""
    frame = Frame(resolution=8, in_channels=1, num_classes=10, penultimate=32)
    return FactorDesign(
        setting="small",
        data="digits",
        macs=300_000,
        seeds=2,
        recipe=replace(RECIPES["digits"].with_epochs(1), nuclear_norm=True),
        cells=table_2(frame, 300_000),
        train_subset=100,
    )


@pytest.fixture(scope="module")
def finished(design: FactorDesign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("factors") / "whole"
    create_factors(design, folder)
    run_factors(design, folder, InProcess(), Quiet())
    return folder


@pytest.mark.parametrize("name", FACTOR_SETTINGS)
def test_the_rows_have_equal_macs_and_the_ratios_asked_for(name: str) -> None:
    setting = FACTOR_SETTINGS[name]
    frame = replace(
        CIFAR, stem_stride=setting.stem_stride, penultimate=setting.penultimate
    )

    cells = table_2(frame, setting.macs)

    for cell in cells:
        first, second = cell.spec.channels
        # Within one percent of the budget and never above it.
        assert 0.99 * setting.macs <= cost_of(cell.spec).macs <= setting.macs
        # Whole channels can be off by one half.
        ratios = cell.spec.stem.out_channels / first, first / second
        assert ratios == pytest.approx([cell.factors.dim_ratio] * 2, rel=0.06)
        assert cell.spec.blocks[0].expand_ratio == cell.factors.expand_ratio


def test_the_papers_baseline_has_the_stem_of_its_searches() -> None:
    baseline, *_ = table_2(CIFAR, 100_000_000)

    # Not asked for: the paper's search networks have a stem of 16 channels too.
    assert baseline.spec.stem.out_channels == 16


def test_only_the_activation_tells_the_last_two_rows_apart() -> None:
    *_, third, last = table_2(CIFAR, 10_000_000)

    assert third.spec.channels == last.spec.channels
    assert {block.expand_activation for block in last.spec.blocks} == {"silu"}
    assert {block.depthwise_activation for block in last.spec.blocks} == {"relu6"}


def test_a_budget_that_no_row_meets_is_refused() -> None:
    with pytest.raises(BudgetError, match="macs 1,000 are too few"):
        table_2(CIFAR, 1000)


def test_a_design_comes_back_from_its_folder(
    design: FactorDesign, tmp_path: Path
) -> None:
    create_factors(design, tmp_path / "new")

    assert factor_folder(tmp_path / "new").read() == design
    create_factors(design, tmp_path / "new")  # the same: go on
    with pytest.raises(StudyError, match="other settings: macs is 300000, asked for 1"):
        create_factors(replace(design, macs=1), tmp_path / "new")


def test_an_analysis_can_be_given_more_seeds_but_keeps_what_it_has(
    design: FactorDesign, tmp_path: Path
) -> None:
    create_factors(design, tmp_path / "new")

    create_factors(replace(design, seeds=3), tmp_path / "new")
    create_factors(replace(design, seeds=1), tmp_path / "new")

    assert factor_folder(tmp_path / "new").read().seeds == 3


def test_a_folder_of_something_else_is_refused(
    design: FactorDesign, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("mine")

    with pytest.raises(StudyError, match="holds no factor analysis"):
        create_factors(design, tmp_path)
    with pytest.raises(StudyError, match="holds no factor analysis"):
        factor_folder(tmp_path).read()


@pytest.mark.parametrize("content", ["{", '{"version": 2}', "[]"])
def test_a_corrupt_design_is_said_to_be_corrupt(content: str, tmp_path: Path) -> None:
    (tmp_path / "factors.json").write_text(content)

    with pytest.raises(StudyError, match="corrupt"):
        factor_folder(tmp_path).read()


def test_gains_are_taken_seed_by_seed(finished: Path) -> None:
    summary = summarise_factors(finished)

    baseline, second, *_ = summary.rows
    gains = [b - a for a, b in zip(baseline.accuracies, second.accuracies, strict=True)]
    assert baseline.accuracy_gain is None
    assert second.accuracy_gain is not None
    assert second.accuracy_gain.mean == pytest.approx(mean(gains))
    assert [row.seeds for row in summary.rows] == [(0, 1)] * 4
    assert summary.rows[0].published_accuracy == 48.0
    assert all(rank > 1 for row in summary.rows for rank in row.effective_ranks)


def test_an_interval_is_students() -> None:
    values = [1.0, 2.0, 4.0]

    found = interval(values)

    # t(0.975) of two degrees of freedom is 4.3027 (any table).
    assert found is not None
    assert found.high is not None
    reach = 4.302653 * stdev(values) / 3**0.5
    assert found.high - found.mean == pytest.approx(reach, rel=1e-6)
    assert interval([]) is None
    assert interval([1.0]).low is None


def test_what_is_done_is_not_done_again(
    design: FactorDesign, finished: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cut"
    create_factors(design, folder)
    kept = ("rows/0/seed-0", "rows/2/seed-0")
    for place in kept:
        (folder / place).mkdir(parents=True)
        record = (finished / place / "record.json").read_bytes()
        (folder / place / "record.json").write_bytes(record)
    quiet = Quiet()

    run_factors(design, folder, InProcess(), quiet)

    assert (quiet.trials, quiet.finished, len(quiet.ended)) == (8, 2, 6)
    for path in sorted(folder.glob("rows/*/*/record.json")):
        ours = read_record(Record, path)
        theirs = read_record(Record, finished / path.relative_to(folder))
        assert (ours.accuracy, ours.nuclear_norm) == (
            theirs.accuracy,
            theirs.nuclear_norm,
        )


def test_a_half_finished_analysis_can_be_summarised(
    design: FactorDesign, tmp_path: Path
) -> None:
    create_factors(design, tmp_path / "new")

    summary = summarise_factors(tmp_path / "new")

    assert all(row.accuracy is None for row in summary.rows)
    assert summary.correlations == {}
