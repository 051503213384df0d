import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from rexpand.errors import OutputError
from rexpand.records import write_atomic
from rexpand.records.files import writing


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

    last = done.stderr.splitlines()[-1]
    assert last == (
        f"rexpand.errors.OutputError: {path} cannot be written: file too large; the file "
        "there is as it was; give another place"
    )
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_name_that_cannot_be_taken_leaves_nothing_behind(tmp_path):
    (tmp_path / "file" / "inside").mkdir(parents=True)

    with pytest.raises(OutputError, match="file cannot be written"):
        write_atomic(tmp_path / "file", "new")

    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("/dev/full", "no regular file"),
        ("/dev/null", "no regular file"),
        ("/proc/rexpand/net.toml", "cannot be written"),
        ("/sys/rexpand/net.toml", "cannot be written"),
        ("x" * 300, "file name too long"),
        ("a/" * 3000, "file name too long"),
        ("with\0nul", "null byte"),
        ("file/below", "file is no folder"),
        ("file/below/far", "file is no folder"),
        ("folder", "no regular file"),
        ("pipe", "no regular file"),
    ],
    ids=lambda each: each[:30].replace("\0", "NUL"),
)
def test_whatever_the_file_system_refuses_is_one_error(
    place, reason, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("old")
    Path("folder").mkdir()
    os.mkfifo("pipe")

    with pytest.raises(OutputError) as refused:
        write_atomic(Path(place), "new")

    # It names the place and the reason; nothing is left, and nothing is replaced.
    assert reason in str(refused.value)
    assert place[:20].split("\0")[0] in str(refused.value)
    assert names(tmp_path) == ["file", "folder", "pipe"]
    assert Path("file").read_text() == "old"
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_write_that_fails_leaves_no_new_folder(tmp_path):
    with pytest.raises(OutputError):
        write_atomic(tmp_path / "a" / "b" / ("x" * 300), "new")

    assert names(tmp_path) == []


def test_the_longest_name_can_be_written(tmp_path):
    path = tmp_path / ("x" * 255)

    write_atomic(path, "new")

    assert path.read_text() == "new"


def test_content_of_another_kind_leaves_nothing_behind(tmp_path):
    with pytest.raises(TypeError):
        write_atomic(tmp_path / "file", 3)

    assert names(tmp_path) == []


def test_a_place_is_said_once():
    with pytest.raises(OutputError) as refused:
        write_outside()

    assert str(refused.value).count("cannot be written") == 1


def write_outside() -> None:
    with writing(Path("outer")):
        write_atomic(Path("/proc/rexpand/inner"), "new")


def test_a_name_that_is_no_utf8_is_written_escaped(tmp_path: Path) -> None:
    # What Python makes of a file's name of other bytes, on a command line.
    write_atomic(tmp_path / "page.html", "caf\udce9")

    assert (tmp_path / "page.html").read_text("utf-8") == r"caf\udce9"
