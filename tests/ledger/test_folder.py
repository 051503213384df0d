"""The folder of a ledger: records, and one table of all of them."""

import csv

import pytest

from rexpand.ledger import item, read_ledger, run, write_item
from rexpand.ledger.folder import TABLE


@pytest.fixture
def folder(tmp_path):
    for name in ("formula-line", "figure-a2"):
        each = item(name)
        write_item(run(each, each.quick, tmp_path), tmp_path / "ledger")
    return tmp_path / "ledger"


def test_the_table_has_every_row_of_every_record(folder):
    ledger = read_ledger(folder)
    rows = [*csv.DictReader((folder / TABLE).read_text().splitlines())]

    assert [record.item for record in ledger.records] == ["figure-a2", "formula-line"]
    assert len(rows) == sum(len(record.rows) for record in ledger.records)
    assert {row["verdict"] for row in rows} == {"holds"}
    assert all(row["processor"] and row["commit"] for row in rows)


def test_a_record_of_another_version_is_kept_and_named(folder):
    path = folder / "formula-line.counts.json"
    old = path.read_text().replace('"version": 1', '"version": 99')
    path.write_text(old)

    each = item("figure-a2")
    write_item(run(each, each.quick, folder), folder)

    # The table is made of the others, and the file is as it was.
    assert read_ledger(folder).unread == (path,)
    assert path.read_text() == old
    assert "formula-line" not in (folder / TABLE).read_text()


def test_what_another_version_wrote_is_not_overwritten(folder):
    path = folder / "formula-line.counts.json"
    old = path.read_text().replace('"version": 1', '"version": 99')
    path.write_text(old)

    each = item("formula-line")
    write_item(run(each, each.quick, folder), folder)

    # The new record has its name, and the old one stands beside it.
    beside = folder / "formula-line.counts.other-1.json"
    assert beside.read_text() == old
    assert read_ledger(folder).unread == (beside,)
    assert len(read_ledger(folder).records) == 2
