"""Write docs/ledger.md from the committed ledger.

rexpand reproduce all --out results
python scripts/ledger_page.py
"""

from pathlib import Path

from rexpand.ledger import read_ledger
from rexpand.ledger.markdown import ledger_page

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "ledger.md"
_MARK = "<!-- from the ledger -->"


def page_text() -> str:
    """The page: what people wrote above the mark, and the ledger below it."""
    written = PAGE.read_text(encoding="utf-8").partition(_MARK)[0] + _MARK
    return ledger_page(read_ledger(ROOT / "results" / "ledger").records, written)


if __name__ == "__main__":
    PAGE.write_text(page_text(), encoding="utf-8")
