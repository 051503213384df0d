"""A journal that cannot be written is one error that names it."""

from pathlib import Path

import pytest

from rexpand.errors import OutputError
from rexpand.search.journal_file import JournalFile


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path / "journal.log")

    journal.append_logs([{"op_code": 1}, {"op_code": 2}])

    assert [*journal.read_logs(1)] == [{"op_code": 2}]


def test_a_journal_in_a_place_that_cannot_be_written() -> None:
    with pytest.raises(
        OutputError, match=r"/proc/rexpand/journal.log cannot be written"
    ):
        JournalFile(Path("/proc/rexpand/journal.log"))


def test_a_journal_whose_folder_goes_away(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    journal = JournalFile(tmp_path / "study" / "journal.log")
    (tmp_path / "study" / "journal.log").unlink()
    (tmp_path / "study").rmdir()

    with pytest.raises(OutputError, match="the trials before are kept"):
        journal.append_logs([{"op_code": 1}])
