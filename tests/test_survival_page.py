"""The page "What survives" names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/what_survives.md").read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_test_that_the_page_names_exists() -> None:
    missing = [
        f"{file}::{test}"
        for file, test in NAMED
        if f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8")
    ]

    assert len(NAMED) > 20
    assert not missing


def test_every_promise_of_the_page_has_a_test_and_a_count() -> None:
    table = PAGE.split("## Promises")[1].split("##")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]

    for row in rows:
        _, happens, holds, tests, tried, found, _ = re.split(r"(?<!\\)\|", row)
        assert re.search(r"`tests/.*::test_", tests), happens
        assert re.search(r"\d|once", tried), happens
        assert all(cell.strip() for cell in (happens, holds, found))
