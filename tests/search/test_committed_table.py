"""The table in results/search is whole, and its pages say what it says."""

import re
from pathlib import Path

import pytest

from rexpand.cost import cost_of, costs_of
from rexpand.records import SearchTable, StudySummary
from rexpand.report import table_card
from rexpand.report.table_sections import table_sections, with_table
from rexpand.search.table import read_table, summary_of, trials_of, verdicts

ROOT = Path(__file__).parents[2]
FILE = ROOT / "results/search/cifar100.parquet"


@pytest.fixture(scope="module")
def table() -> SearchTable:
    return read_table(FILE)


@pytest.fixture(scope="module")
def summaries(table: SearchTable) -> list[StudySummary]:
    return [summary_of(table, study.name) for study in table.studies]


def test_it_holds_the_trials_of_two_budgets_with_their_seeds(
    table: SearchTable,
) -> None:
    trials = trials_of(table)

    assert len({study.budget_macs for study in table.studies}) == 2
    assert len(trials) >= 200  # all that were drawn
    for trial in trials:
        assert [row.seed for row in trial.rows] == [0, 1]
        assert trial.nuclear_norm is not None
    assert FILE.stat().st_size < 300_000


def test_the_cost_of_every_row_is_the_closed_forms_within_its_budget(
    table: SearchTable,
) -> None:
    for study in table.studies:
        rows = [row for row in table.rows if row.study == study.name]

        cost = costs_of(study.spec, [row.channels for row in rows])

        assert [row.macs for row in rows] == cost.macs.tolist()
        assert [row.params for row in rows] == cost.params.tolist()
        assert [row.activations for row in rows] == cost.activations.tolist()
        assert [row.memory_access for row in rows] == cost.memory_access.tolist()
        assert study.budget_macs is not None
        assert max(row.macs for row in rows) <= study.budget_macs
        # Equal budget: each shape fills it.
        assert min(row.macs for row in rows) >= 0.98 * study.budget_macs


def test_a_column_by_the_block_is_that_of_the_network(table: SearchTable) -> None:
    row, study = table.rows[0], table.studies[0]

    # The vectorised cost above, by the other way.
    assert row.macs == cost_of(study.spec.with_channels(row.channels)).macs


def test_the_card_is_the_tables(
    table: SearchTable, summaries: list[StudySummary]
) -> None:
    card = FILE.with_name("README.md").read_text(encoding="utf-8")
    pilot = FILE.with_name("pilot.md").read_text(encoding="utf-8")

    assert card == table_card(table, summaries, verdicts(table), FILE.name) + pilot


def test_the_page_says_what_the_table_says(
    table: SearchTable, summaries: list[StudySummary]
) -> None:
    page = (ROOT / "docs/search_table.md").read_text(encoding="utf-8")
    sections = table_sections(table, summaries, verdicts(table))

    assert with_table(page, sections) == page


def test_the_code_of_the_page_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = Path("docs/search_table.md").read_text(encoding="utf-8")
    names: dict[str, object] = {}

    for text in re.findall(r"^```py\n(.*?)^```$", page, re.DOTALL | re.MULTILINE):
        exec(compile(text, "search_table.md", "exec"), names)

    assert len(names["trials"]) >= 80  # type: ignore[arg-type]
