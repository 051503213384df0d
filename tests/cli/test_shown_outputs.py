"""What a page shows a command to print is what it prints now."""

import shlex

import pytest
from page_numbers.page import outputs_of
from page_numbers.table import ROOT, pages, read_rows

from cli.conftest import Say


def _shown() -> list[tuple[str, str, str]]:
    """Page, command and block of each output that a command prints again."""
    rows = read_rows()
    found = []
    for page in pages():
        blocks = outputs_of((ROOT / page).read_text(encoding="utf-8"))
        outputs = [row for row in rows if row.page == page and row.number == "output"]
        for row, (_, block) in zip(outputs, sorted(blocks), strict=True):
            if row.record.startswith("rexpand "):
                found.append((page, row.record, block))
    return found


@pytest.mark.parametrize(
    ("page", "command", "block"), _shown(), ids=lambda text: text.splitlines()[0]
)
def test_a_command_prints_what_its_page_shows(
    page: str, command: str, block: str, say: Say
) -> None:
    said = say(*shlex.split(command)[1:])

    # In the order of the page; ... stands for lines that are left out.
    printed = iter((said.out + said.err).splitlines())
    for line in block.splitlines():
        if line.strip() != "...":
            assert any(line.rstrip() == each.rstrip() for each in printed), line


def test_pages_show_outputs_that_can_be_printed_again() -> None:
    assert len(_shown()) >= 5
