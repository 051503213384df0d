"""Every number in README and docs has a row in the ledger, and is what its record says."""

from pathlib import Path

import pytest
from page_numbers.page import numbers_of
from page_numbers.table import (
    COMPARED_WHOLE,
    FILE,
    DocumentRow,
    brought_up_to_date,
    fault_of,
    numbers_on,
    pages,
    read_rows,
    written_rows,
)

ROOT = Path(__file__).parents[2]
WAY_OUT = "run python scripts/document_numbers.py and look at what it proposes"


@pytest.fixture(scope="module")
def rows() -> dict[str, list[DocumentRow]]:
    found: dict[str, list[DocumentRow]] = {page: [] for page in pages()}
    for row in read_rows():
        assert row.page in found, f"there is no page {row.page}; {WAY_OUT}"
        found[row.page].append(row)
    return found


@pytest.mark.parametrize("page", pages())
def test_every_number_of_a_page_has_a_row_and_every_row_a_number(
    page: str, rows: dict[str, list[DocumentRow]]
) -> None:
    written = [number.written for number in numbers_on(page)]

    # In the order of the page: each row is about one place.
    assert [row.number for row in rows[page]] == written, WAY_OUT


@pytest.mark.parametrize("page", pages())
def test_every_number_of_a_page_is_what_its_record_says(
    page: str, rows: dict[str, list[DocumentRow]]
) -> None:
    faults = [
        f"{row.number} ({row.words}): {fault}"
        for row in rows[page]
        if (fault := fault_of(row))
    ]

    assert not faults, f"{WAY_OUT}\n" + "\n".join(faults)


def test_pages_that_are_left_out_are_compared_whole_by_a_test_that_is_there() -> None:
    for page, test in COMPARED_WHOLE.items():
        assert (ROOT / page).exists()
        assert (ROOT / test).exists()


def test_the_table_is_as_the_script_writes_it() -> None:
    assert FILE.read_text(encoding="utf-8") == written_rows(read_rows())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It has 4.8M params, 77 % of them new.", ["4.8M", "77 %"]),
        (
            "Accuracy 39.6 ± 0.8 %, from -0.73 to +1.55.",
            ["39.6", "0.8 %", "-0.73", "+1.55"],
        ),
        ("2 seeds, a 3x3, CIFAR-100, x1.0, Table 5, seed 14 and torch 2.14.1", []),
        ("`--macs 400M` and [400](page400.md), an interval of 95 %", ["400"]),
        ("| 2 | 2 seeds |\n", ["2"]),
        ("7-7-7-9-9 and 20-60", ["7-7-7-9-9", "20-60"]),
        ("```bash\nrexpand solve --macs 300M\n```\n", []),
        ("```text\nslope 11.25\n```\n", ["output"]),
        ("<!-- from the record: x -->\n41 %\n<!-- end -->\n42 %", ["42 %"]),
    ],
)
def test_what_is_a_number(text: str, found: list[str]) -> None:
    assert [number.written for number in numbers_of(text)] == found


def test_a_row_keeps_its_evidence_when_the_page_changes_around_it(
    rows: dict[str, list[DocumentRow]],
) -> None:
    page = "README.md"
    kept = rows[page][1:]  # the first one has just been written

    fresh = brought_up_to_date(page, kept)

    assert not fresh[0].kind
    assert [row.record for row in fresh[1:]] == [row.record for row in kept]


def test_a_number_that_its_record_does_not_say_is_a_fault() -> None:
    record = "results/upgrade/verdict.json"
    right = DocumentRow(
        page="", number="+0.41 points", words="", kind="measured", record=record,
        value="gain.mean",
    )  # fmt: skip

    assert fault_of(right) == ""
    for number, value in (("+0.42 points", "gain.mean"), ("+0.41 points", "gain.high")):
        wrong = DocumentRow(
            page="",
            number=number,
            words="",
            kind="measured",
            record=record,
            value=value,
        )
        assert "is" in fault_of(wrong)
    gone = DocumentRow(
        page="", number="1", words="", kind="measured", record=record, value="gain.x"
    )
    assert "KeyError" in fault_of(gone)
    # A row without evidence is one.
    assert fault_of(DocumentRow(page="", number="1", words="")) == "has no evidence yet"
