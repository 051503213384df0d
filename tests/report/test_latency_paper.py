"""docs/latency_paper.md says what the record says."""

from pathlib import Path

from rexpand.records import LatencyStudy, read_record
from rexpand.report.latency_accuracy_markdown import with_record

ROOT = Path(__file__).parents[2]


def test_the_tables_of_the_docs_come_from_the_record() -> None:
    study = read_record(LatencyStudy, ROOT / "results/latency/latency.json")
    page = (ROOT / "docs/latency_paper.md").read_text(encoding="utf-8")

    # scripts/paper_latency.py write brings the page up to date.
    assert with_record(page, [study]) == page


def test_the_record_names_networks_and_no_places() -> None:
    study = read_record(LatencyStudy, ROOT / "results/latency/latency.json")

    named = {row.network for each in study.comparisons for row in each.rows}
    assert all("/" not in each and "." not in each for each in named)
    assert "/" not in " ".join(study.provenance.command or ())
