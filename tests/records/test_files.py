import subprocess
import sys
from pathlib import Path

import pytest

from rexpand.records import append_line, write_atomic


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("content", ["Zürich\n", b"\x00\xff", ""])
def test_what_is_written_is_read(tmp_path, content):
    path = tmp_path / "deep" / "down" / "file"

    write_atomic(path, content)

    # Text as UTF-8, bytes as they are; folders are made on the way.
    expected = content.encode() if isinstance(content, str) else content
    assert path.read_bytes() == expected
    assert names(path.parent) == ["file"]


def test_the_new_file_takes_the_place_of_the_old(tmp_path):
    path = tmp_path / "file"
    path.write_text("a much longer old content")

    write_atomic(path, "new")

    assert path.read_text() == "new"
    assert names(tmp_path) == ["file"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_text("old")
    # A limit on the size of files fails as a full disk does: in the midst of a write.
    program = (
        "import resource, sys; from pathlib import Path; "
        "from rexpand.records import write_atomic; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); "
        "write_atomic(Path(sys.argv[1]), b'n' * 5000)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, path],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "OSError: [Errno 27] File too large" in done.stderr
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_name_that_cannot_be_taken_leaves_nothing_behind(tmp_path):
    (tmp_path / "file" / "inside").mkdir(parents=True)

    with pytest.raises(OSError, match="file"):
        write_atomic(tmp_path / "file", "new")

    assert names(tmp_path) == ["file"]


def test_content_of_another_kind_leaves_nothing_behind(tmp_path):
    with pytest.raises(TypeError):
        write_atomic(tmp_path / "file", 3)

    assert names(tmp_path) == []


def test_a_line_is_appended(tmp_path):
    path = tmp_path / "journal" / "lines"

    for line in ("first", "zweite Zeile ü"):
        append_line(path, line)

    assert path.read_text(encoding="utf-8") == "first\nzweite Zeile ü\n"


def test_lines_of_several_processes_stay_whole(tmp_path):
    path = tmp_path / "lines"
    program = (
        "import sys; from pathlib import Path; from rexpand.records import append_line\n"
        "for _ in range(20): append_line(Path(sys.argv[1]), sys.argv[2] * 5000)"
    )

    writers = [
        subprocess.Popen([sys.executable, "-c", program, path, letter])
        for letter in "ab"
    ]

    # A worker killed or overtaken never leaves half a line.
    assert [writer.wait() for writer in writers] == [0, 0]
    lines = path.read_text().splitlines()
    assert sorted(lines) == ["a" * 5000] * 20 + ["b" * 5000] * 20
