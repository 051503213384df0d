"""A table of trainings: written, read, asked, and searched without training."""

from dataclasses import replace
from itertools import combinations
from math import log
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from scipy.stats import ttest_ind

from made_up_table import TABLE, made_up_row
from rexpand.errors import MistakeError, RecordError, StudyError
from rexpand.records import SearchTable, TableRow
from rexpand.report import table_card
from rexpand.search.table import (
    best,
    exact,
    expected_best,
    nearest,
    random_order,
    read_table,
    simulate,
    summary_of,
    trials_of,
    verdict,
    verdicts,
    with_shapes,
    write_table,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_table(TABLE, tmp_path / "table.parquet")
    return tmp_path / "table.parquet"


def test_what_is_read_is_what_was_written(file: Path) -> None:
    assert read_table(file) == TABLE


def test_a_table_has_one_form(file: Path, tmp_path: Path) -> None:
    write_table(read_table(file), tmp_path / "again.parquet")

    assert (tmp_path / "again.parquet").read_bytes() == file.read_bytes()


def test_another_reader_of_parquet_finds_one_row_per_training(file: Path) -> None:
    rows = pq.read_table(file).to_pylist()

    assert len(rows) == len(TABLE.rows)
    assert rows[3]["channels"] == [*TABLE.rows[3].channels]
    assert rows[3]["accuracy"] == TABLE.rows[3].accuracy


@pytest.mark.parametrize("at", range(0, 4000, 250))
def test_a_damaged_table_is_a_value_or_one_line(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 0xFF
    file.write_bytes(content)

    try:
        read_table(file)
        return
    except MistakeError as refusal:
        message = str(refusal)

    assert file.name in message
    assert message.isprintable()


def test_a_table_that_is_cut_off_is_refused(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])

    with pytest.raises(RecordError, match=r"table\.parquet cannot be read"):
        read_table(file)


def test_another_table_is_refused_by_its_columns(tmp_path: Path, file: Path) -> None:
    pq.write_table(pq.read_table(file).drop_columns(["macs"]), tmp_path / "other")

    with pytest.raises(RecordError, match="0 columns 'macs'"):
        read_table(tmp_path / "other")


def test_rows_of_no_study_are_refused(tmp_path: Path) -> None:
    stray = replace(TABLE, rows=(made_up_row("nothing", 0, 0),))
    write_table(stray, tmp_path / "stray.parquet")

    with pytest.raises(RecordError, match="row 0 is of study 'nothing'"):
        read_table(tmp_path / "stray.parquet")


def test_a_trial_is_the_mean_over_its_seeds() -> None:
    trials = trials_of(TABLE, study="small")

    assert len(trials) == 12
    assert trials[3].accuracy == pytest.approx(sum(trials[3].accuracies) / 2)
    assert trials[3].nuclear_norm == 103.5
    # One seed without it leaves no mean.
    assert trials[3].effective_rank is None


def test_a_budget_leaves_the_trials_that_meet_it() -> None:
    bound = TABLE.rows[6].macs

    found = trials_of(TABLE, macs=bound)

    assert {trial.number for trial in found} == {0, 1, 2, 3}
    assert all(trial.macs <= bound for trial in found)


def test_the_exact_configuration_or_the_nearest_one_answers() -> None:
    trials = trials_of(TABLE, study="small")

    assert exact(trials, (5, 20, 30, 40, 51)) is None
    assert exact(trials, (5, 20, 30, 40, 50)) == trials[0]
    assert nearest(trials, (9, 22, 30, 40, 50)) == trials[4]


def test_the_best_of_a_shape() -> None:
    trials = trials_of(TABLE, study="small")

    assert best(trials).number == 8
    assert best(with_shapes(trials, "convex", "concave")).number == 10


def test_an_unknown_study_is_said_with_those_there_are() -> None:
    with pytest.raises(MistakeError, match="the table has small, large"):
        trials_of(TABLE, study="medium")


def test_a_search_of_the_table_finds_every_trial_once() -> None:
    trials = trials_of(TABLE, study="small")

    found = simulate(trials, random_order(trials, seed=1), 12)

    assert {each.trial.number for each in found} == set(range(12))
    assert all(each.distance == 0 for each in found)
    # What its trainings would have cost.
    assert found[-1].seconds == 12 * 2 * 10


def test_a_search_that_insists_gets_the_next_nearest() -> None:
    trials = trials_of(TABLE, study="small")

    found = simulate(trials, lambda found: (5, 20, 30, 40, 50), 3)

    assert [each.trial.number for each in found] == [0, 1, 2]


@pytest.mark.parametrize("evaluations", [1, 2, 5, 12])
def test_the_expected_best_is_the_mean_over_all_subsets(evaluations: int) -> None:
    trials = trials_of(TABLE, study="small")
    subsets = [*combinations([t.accuracy for t in trials], evaluations)]

    mean = sum(map(max, subsets)) / len(subsets)

    assert expected_best(trials, evaluations) == pytest.approx(mean, rel=1e-12)


def test_within_one_study_the_verdict_is_welchs_test() -> None:
    table = SearchTable(
        studies=TABLE.studies[:1],
        rows=tuple(row for row in TABLE.rows if row.study == "small"),
    )
    trials = trials_of(table)
    sides = [
        [trial.accuracy for trial in with_shapes(trials, shape)]
        for shape in ("linear", "stagewise")
    ]
    test = ttest_ind(*sides, equal_var=False)
    interval = test.confidence_interval()

    found = verdict(table)

    (gap,) = found.studies
    for each in (found, gap):
        assert each.difference == pytest.approx(1.0)
        assert each.low == pytest.approx(interval.low)
        assert each.high == pytest.approx(interval.high)
        assert each.p_value == pytest.approx(test.pvalue)
    assert gap.trials == (3, 3)


def test_two_studies_tell_a_difference_more_closely_than_one() -> None:
    found = verdict(TABLE)

    assert found.difference == pytest.approx(1.0)
    assert found.high - found.low < found.studies[0].high - found.studies[0].low
    assert found.low < found.difference < found.high


def test_at_equal_growth_what_growth_does_is_taken_out() -> None:
    def grown(row: TableRow) -> TableRow:
        growth = log(row.channels[-1] / row.channels[0])
        own = 20 + growth + 2 * growth**2 + (row.study == "large")
        return replace(row, accuracy=own + 0.7 * (row.shape == "linear"))

    found = verdict(replace(TABLE, rows=tuple(map(grown, TABLE.rows))))

    # In these trials linear channels also grow more, which the mean does not know.
    assert found.difference != pytest.approx(0.7, abs=0.05)
    assert found.equal_growth is not None
    assert found.equal_growth.difference == pytest.approx(0.7, abs=1e-9)


def test_a_study_without_a_shape_has_no_verdict() -> None:
    with pytest.raises(StudyError, match="0 finished trials of shape knots"):
        verdict(TABLE, "knots")


def test_the_statistics_of_a_study_come_from_its_rows() -> None:
    summary = summary_of(TABLE, "large")

    assert len(summary.trials) == 12
    assert summary.best is not None
    assert summary.best.number == 8
    assert summary.noise is not None
    assert summary.noise.seeds == 2


def test_the_card_says_the_verdict_and_every_column(file: Path) -> None:
    names = [study.name for study in TABLE.studies]
    summaries = [summary_of(TABLE, name) for name in names]

    card = table_card(TABLE, summaries, verdicts(TABLE), file.name)

    assert card.startswith("---\nlicense: mit\n")
    assert "linear channels are more accurate than stage-wise ones" in card
    for name in pq.ParquetFile(file).schema_arrow.names:
        assert f"| {name} |" in card
