"""The committed table of the documents' numbers: reading, checking, bringing up to date.

A row is one number of one page, in the order of the page. A new number is found by
comparing the sequence of the rows with that of the page, so that a row keeps its
evidence when the words around it change.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from page_numbers.evidence import KINDS, ROOT, found_in, is_readable, says, stands_in
from page_numbers.page import PageNumber, numbers_of, parted

FILE = ROOT / "results" / "ledger" / "documents.csv"
COLUMNS = ("page", "number", "words", "kind", "record", "value")

# Pages whose numbers a test of their own compares with the code, all of them.
COMPARED_WHOLE: Mapping[str, str] = {
    "docs/recipe_fields.md": "tests/test_recipe_docs.py",
}


@dataclass(frozen=True, kw_only=True)
class DocumentRow:
    """A number of a page and its evidence; `kind` is empty while nobody gave any."""

    page: str
    number: str
    words: str
    kind: str = ""
    record: str = ""
    value: str = ""


def pages() -> tuple[str, ...]:
    """README.md and the pages of docs/ whose numbers are held here."""
    docs = sorted(path.name for path in (ROOT / "docs").glob("*.md"))
    every = ("README.md", *(f"docs/{name}" for name in docs))
    return tuple(page for page in every if page not in COMPARED_WHOLE)


def numbers_on(page: str) -> tuple[PageNumber, ...]:
    """The numbers that stand on a page now."""
    return numbers_of((ROOT / page).read_text(encoding="utf-8"))


def read_rows() -> tuple[DocumentRow, ...]:
    """The committed table."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return tuple(DocumentRow(**row) for row in csv.DictReader(lines))


def written_rows(rows: Iterable[DocumentRow]) -> str:
    """The table as a text."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([getattr(row, column) for column in COLUMNS] for row in rows)
    return out.getvalue()


def brought_up_to_date(
    page: str, rows: Iterable[DocumentRow]
) -> tuple[DocumentRow, ...]:
    """The rows of a page as it stands now: old evidence kept, new numbers without any.

    A row whose number left the page is gone.
    """
    old = list(rows)
    now = numbers_on(page)
    fresh = [
        DocumentRow(page=page, number=each.written, words=each.words) for each in now
    ]
    matcher = SequenceMatcher(
        None, [row.number for row in old], [row.number for row in fresh], autojunk=False
    )
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            kept, place = old[block.a + step], block.b + step
            fresh[place] = replace(kept, words=fresh[place].words)
    return tuple(fresh)


def fault_of(row: DocumentRow) -> str:
    """Why a row's number is not what its evidence says; empty if it is."""
    if row.kind not in KINDS:
        return "has no evidence yet"
    if not row.record:
        return "names no record"
    if row.kind == "output" or (row.kind == "printed" and not is_readable(row.record)):
        return ""
    written, unit = parted(row.number)
    try:
        if not row.value:
            is_there = stands_in(row.record, written, unit)
            return "" if is_there else f"does not stand in {row.record}"
        found = found_in(row.record, row.value)
    except ValueError as error:
        return str(error)
    return "" if says(found, written, unit) else f"{row.value} is {found}"
