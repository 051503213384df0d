"""The page of the ledger says what the committed records say."""

import runpy
from pathlib import Path

from rexpand.ledger import item, read_ledger, run

ROOT = Path(__file__).parents[2]


def test_the_page_in_the_docs_is_that_of_the_committed_records():
    script = runpy.run_path(str(ROOT / "scripts" / "ledger_page.py"))

    assert script["PAGE"].read_text(encoding="utf-8") == script["page_text"]()


def test_the_committed_ledger_is_what_is_counted_now():
    records = read_ledger(ROOT / "results" / "ledger").records

    # Counts, and readings of the records in results/: none is older than its evidence.
    for record in records:
        each = item(record.item)
        protocol = next(one for one in each.protocols if one.name == record.protocol)
        assert run(each, protocol, ROOT / "results").rows == record.rows, record.item
