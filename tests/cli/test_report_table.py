"""`rexpand report table`: the pages of a table, without its studies."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from made_up_table import TABLE
from rexpand.search.table import write_table

Say = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_table(TABLE, "rows.parquet")
    return tmp_path


def test_every_study_gets_a_page_and_all_of_them_one(say: Say, folder: Path) -> None:
    done = say("report", "table", "rows.parquet", "--out", "pages")

    assert done.code == 0
    pages = [line.removeprefix("wrote ") for line in done.out.splitlines()]
    assert pages == [f"pages/{name}report.html" for name in ("small/", "large/", "")]
    assert all("stagewise" in Path(page).read_text() for page in pages)


def test_what_is_no_table_is_one_line(say: Say, folder: Path) -> None:
    (folder / "rows.parquet").write_bytes(b"PAR1 and no more")

    done = say("report", "table", "rows.parquet", "--out", "pages")

    assert done.code == 2
    assert "rows.parquet cannot be read" in done.err
    assert not (folder / "pages").exists()
