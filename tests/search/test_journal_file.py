"""A journal that cannot be written is one error that names it."""

from pathlib import Path

import pytest

from disks import enlarge, mounted
from rexpand.errors import OutputError
from rexpand.search.configuration import configurations_of
from rexpand.search.design import StudyDesign, create_study, drawn
from rexpand.search.journal_file import JournalFile
from rexpand.search.stored import storage_of


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


def test_what_is_appended_together_is_written_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "journal.log"
    journal, other = JournalFile(path), JournalFile(path)
    journal.append_logs([{"op_code": 1}])

    with journal.together():
        journal.append_logs([{"op_code": 2}])
        journal.append_logs([{"op_code": 3}])
        # Whoever writes reads it, and others do not.
        assert [*journal.read_logs(1)] == [{"op_code": 2}, {"op_code": 3}]
        assert [*other.read_logs(1)] == []

    assert [*other.read_logs(0)] == [{"op_code": 1}, {"op_code": 2}, {"op_code": 3}]
    assert [*journal.read_logs(2)] == [{"op_code": 3}]


def test_of_a_block_that_fails_nothing_is_written(tmp_path: Path) -> None:
    journal = JournalFile(tmp_path / "journal.log")

    def stopped() -> None:
        with journal.together():
            journal.append_logs([{"op_code": 1}])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()

    assert [*journal.read_logs(0)] == []
    # Nobody waits for it any more.
    assert not [*tmp_path.glob("*.lock")]


def test_a_full_disk_is_one_line_and_keeps_what_is_over(
    design: StudyDesign, tmp_path: Path
) -> None:
    many = {"accuracies": [50.0] * 100_000}
    with mounted(tmp_path / "disk", "size=128k") as disk:
        folder = disk / "study"
        create_study(design, folder)
        with storage_of(folder) as driver:
            driver.add(configurations_of(drawn(design)), first=0)
            first, trial = driver.take(), driver.take()
            assert first is not None
            assert trial is not None
            driver.complete(first, 50.0, {})

            with pytest.raises(
                OutputError,
                match=r"journal\.log cannot be written: the disk is full; the trials before",
            ):
                driver.complete(trial, 50.0, many)
        enlarge(disk, "64m")

        # What was written in part never happened, and the next driver goes on from there.
        with storage_of(folder) as driver:
            assert (driver.finished(), driver.count()) == (1, 4)
            again = driver.take()
            assert again == trial
            driver.complete(again, 50.0, many)
        with storage_of(folder) as driver:
            assert driver.finished() == 2
