"""Values draw themselves: a table for a notebook, a chart, a data frame."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import rexpand
from rexpand.budget import Budget
from rexpand.errors import BudgetError, MistakeError, RecordError
from rexpand.records import LayerStudy, NetworkRanks, Record, read_record
from rexpand.report.views import Column, Table
from rexpand.report.views.html import table_html
from rexpand.search.table import read_table, summary_of
from rexpand.shown import Shown

RESULTS = Path(__file__).parents[1] / "results"
STUDY = summary_of(read_table(RESULTS / "search/cifar100.parquet"), "macs_2M")
KINDS = (
    *("spec", "cost", "costs", "solution", "sample", "lint"),
    *("study", "training", "layers", "spectra"),
)


class Cells(HTMLParser):
    """The texts of the cells of a table, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._is_cell = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        self._is_cell = tag in ("td", "th")
        if self._is_cell:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data


def cells(html: str) -> list[list[str]]:
    parser = Cells()
    parser.feed(html)
    parser.close()
    return parser.rows


@pytest.fixture(scope="module")
def values() -> dict[str, Shown]:
    """One value of each kind; what was measured comes from the committed records."""
    drawn = rexpand.sample("search_18", Budget(macs=30e6), 10, seed=0)
    training = sorted((RESULTS / "rank/factors/rows").glob("*/*/record.json"))[0]
    return {
        "spec": rexpand.network("rexnet_100"),
        "cost": rexpand.cost_of("rexnet_100"),
        "costs": rexpand.costs_of("search_18", drawn.channels),
        "solution": rexpand.solve("rexnet_100", Budget(macs=300e6)),
        "sample": drawn,
        "lint": rexpand.lint("mobilenetv2_050"),
        "study": STUDY,
        "training": read_record(Record, training),
        "layers": read_record(LayerStudy, RESULTS / "rank/layers.json"),
        "spectra": read_record(
            NetworkRanks, RESULTS / "rank/mobilenet_v2/spectra.json"
        ).networks[0],
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_is_a_table_a_chart_and_a_frame(
    kind: str, values: dict[str, Shown]
) -> None:
    value = values[kind]
    table, frame = cells(value._repr_html_()), value.to_frame()

    # The page has the frame's rows, or says how many it leaves out.
    assert len(table) - 1 == min(len(frame), 61)
    assert {len(row) for row in table[1:]} <= {len(frame.columns), 1}
    # The chart is a whole Vega-Lite document with data.
    chart = value.chart().to_dict()
    assert any(chart["datasets"].values())


def test_a_spec_shows_what_each_part_costs(values: dict[str, Shown]) -> None:
    frame = values["spec"].to_frame()
    total = rexpand.cost_of("rexnet_100")

    # Nothing is rounded in a frame, so that the parts add up.
    assert frame["params"].sum() == total.params
    assert frame["macs"].sum() == total.macs
    blocks = frame[frame["kind"] != ""]
    assert tuple(blocks["channels"]) == rexpand.network("rexnet_100").channels


def test_a_study_shows_its_best_trial_first(values: dict[str, Shown]) -> None:
    frame = values["study"].to_frame()

    best = STUDY.best
    assert best is not None
    assert frame["trial"][0] == best.number
    assert frame["accuracy"].dropna().is_monotonic_decreasing


def test_a_long_table_shows_both_ends() -> None:
    table = Table(
        title="many",
        columns=(Column(name="row", title="row"),),
        rows=tuple((row,) for row in range(1000)),
    )

    shown = [row[0] for row in cells(table_html(table))]
    assert shown[1:31] == [f"{row}" for row in range(30)]
    assert shown[31] == "... 940 more rows, in to_frame()"
    assert shown[-1] == "999"


def test_what_a_file_says_is_no_html() -> None:
    named = "<script>alert(1)</script>"
    table = Table(
        title=named, columns=(Column(name="a", title=named),), rows=((named,),)
    )

    assert "<script" not in table_html(table)
    assert cells(table_html(table)) == [[named], [named]]


def test_nothing_to_draw_is_one_line() -> None:
    empty = replace(STUDY, trials=(), groups=())

    with pytest.raises(RecordError, match="no trial of the study is finished"):
        empty.chart()


def test_a_mistake_is_one_line_in_a_notebook() -> None:
    with pytest.raises(MistakeError) as mistake:
        rexpand.solve("rexnet_100", Budget(macs=1000))

    # IPython asks an exception for this before it prints a traceback.
    assert isinstance(mistake.value, BudgetError)
    (line,) = mistake.value._render_traceback_()
    assert line == f"BudgetError: {mistake.value}"
    assert "\n" not in line
