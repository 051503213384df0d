"""The card and the page of results/search/cifar100.parquet, again from the table.

    python scripts/search_table.py

The figures of docs/search_table.md are those that `rexpand report table` drew.
"""

import shutil
from pathlib import Path

from rexpand.records import write_atomic
from rexpand.report import table_card
from rexpand.report.table_sections import table_sections, with_table
from rexpand.search.table import read_table, summary_of, verdicts

ROOT = Path(__file__).parents[1]
RESULTS, DOCS = ROOT / "results/search", ROOT / "docs"
TABLE = RESULTS / "cifar100.parquet"
# The figures that the page shows, by their names there.
_SHOWN = {
    "search_table_budgets.png": "figures/channels_by_budget.png",
    "search_table_shapes.png": "figures/shapes_by_budget.png",
    "search_table_channels.png": "macs_2M/figures/mean_channels.png",
    "search_table_nuclear_norm.png": "macs_2M/figures/nuclear_norm.png",
}


def main() -> None:
    """Write both texts; keep the vector graphics of the pages alone."""
    table = read_table(TABLE)
    summaries = [summary_of(table, study.name) for study in table.studies]
    found = verdicts(table)
    pilot = (RESULTS / "pilot.md").read_text(encoding="utf-8")
    card = table_card(table, summaries, found, TABLE.name) + pilot
    write_atomic(RESULTS / "README.md", card)
    page = DOCS / "search_table.md"
    sections = table_sections(table, summaries, found)
    write_atomic(page, with_table(page.read_text(encoding="utf-8"), sections))
    for name, drawn in _SHOWN.items():
        if (RESULTS / drawn).exists():
            shutil.copy(RESULTS / drawn, DOCS / "figures" / name)
    for png in RESULTS.glob("**/*.png"):
        png.unlink()


if __name__ == "__main__":
    main()
