"""Bring results/ledger/documents.csv up to date with README.md and docs/.

    python scripts/document_numbers.py           # new numbers get a proposed row; look at it
    python scripts/document_numbers.py README.md # of one page alone
    python scripts/document_numbers.py --check   # changes nothing; names what has no evidence

Every number of the pages has a row with the record and the field that it comes from
(`page_numbers/page.py` says what a number is, `page_numbers/evidence.py` what a row may
name). A proposal is a record that the page names, and has to be looked at: a number of
few digits stands in many places.
"""

import argparse

from page_numbers.proposal import proposed
from page_numbers.settings import likely_files
from page_numbers.table import (
    FILE,
    DocumentRow,
    brought_up_to_date,
    fault_of,
    pages,
    read_rows,
    written_rows,
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("pages", nargs="*", metavar="PAGE", default=pages())
    options.add_argument("--check", action="store_true")
    asked = options.parse_args()
    old = read_rows() if FILE.exists() else ()
    rows = []
    for page in pages():
        now = [row for row in old if row.page == page]
        if page in asked.pages:
            now = brought_up_to_date(page, now)
            now = now if asked.check else proposed(page, now)
        rows += now
    if not asked.check:
        FILE.write_text(written_rows(rows), encoding="utf-8")
    known = set(old)
    for row in rows:
        if row not in known or fault_of(row):
            print(_told(row))


def _told(row: DocumentRow) -> str:
    """A row for a person to look at; without evidence, the files that may set it."""
    evidence = f"{row.kind} {row.record} {row.value} {fault_of(row)}".strip()
    told = f"{row.page}: {row.number} ({row.words})\n    {evidence}"
    if not row.kind and row.number != "output":
        told += "\n    perhaps set in " + ", ".join(likely_files(row.number, row.words))
    return told


if __name__ == "__main__":
    main()
