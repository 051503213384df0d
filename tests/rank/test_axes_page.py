"""The table of axes in docs/rank.md says what its record says."""

import runpy
from pathlib import Path

from rexpand.records import SensitivityStudy, read_record

ROOT = Path(__file__).parents[2]


def test_the_page_has_the_rows_of_the_committed_study():
    script = runpy.run_path(str(ROOT / "scripts" / "rank_axes_table.py"))
    page = (ROOT / "docs" / "rank.md").read_text(encoding="utf-8").splitlines()

    header, _, *rows = script["table"](read_record(SensitivityStudy, script["STUDY"]))

    # Every axis that was changed has its line, under the panels that were compared.
    assert header in page
    assert rows
    assert [row for row in rows if row not in page] == []
