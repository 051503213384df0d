"""The page of the ledger says what the committed records say."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_in_the_docs_is_that_of_the_committed_records():
    script = runpy.run_path(str(ROOT / "scripts" / "ledger_page.py"))

    assert script["PAGE"].read_text(encoding="utf-8") == script["page_text"]()
