"""docs/latency_tables.md says what the records say."""

from pathlib import Path

import pytest

from rexpand.records import LatencyTable, MedianSpread, PredictionError, read_record

ROOT = Path(__file__).parents[2]
RECORDS = sorted((ROOT / "results/latency_tables").glob("*.json"))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_row_of_the_page_is_that_of_its_record(path: Path) -> None:
    page = (ROOT / "docs/latency_tables.md").read_text(encoding="utf-8")

    assert row(read_record(LatencyTable, path)) in page.splitlines()


def row(table: LatencyTable) -> str:
    own = table.configurations[0]
    cells = (
        table.network.name,
        table.runtime,
        interval(own.latency_ms),
        interval(own.additivity),
        error(table.section_error),
        error(table.network_error),
    )
    return f"| {' | '.join(cells)} |"


def interval(spread: MedianSpread) -> str:
    return f"{spread.median:.2f} ({spread.least:.2f} to {spread.most:.2f})"


def error(held_out: PredictionError) -> str:
    median, most = 100 * held_out.median, 100 * held_out.most
    return f"{median:.1f} (at most {most:.1f}, n = {held_out.count})"
