"""A place for output is checked before any work, and a refused command leaves nothing."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from disks import mounted
from rexpand.cli.places import checked_file, checked_folder
from rexpand.errors import OutputError
from rexpand.train.design import training_folder

Say = Callable[..., Any]

# Places that are broken for a file and for a folder, and what is said of them.
BROKEN = [
    ("file/below", "file is no folder"),
    ("file/far/below", "file is no folder"),
    ("/proc/rexpand", "cannot be written"),
    ("/sys/rexpand", "cannot be written"),
    ("/dev/full", "/dev/full"),
    ("/dev/null", "/dev/null"),
    ("x" * 300, "file name too long"),
    ("new/" + "x" * 300, "file name too long"),
    ("new/" * 2000, "file name too long"),
    ("new\nline", "control characters"),
    ("new\x1b[31m", "control characters"),
    ("", "is empty; give a name"),
]
IDS = [place[:20].encode("unicode_escape").decode() or "empty" for place, _ in BROKEN]
# Every verb that writes to a file, and to a folder.
FILES = [
    "solve rexnet_100 --macs 300M",
    "scale search_18 --phi 1",
    "lint rexnet_100",
    "export rexnet_100",
    "search export study",
    "search table study",
    "predict rexnet_100 image.png",
]
FOLDERS = [
    "cost rexnet_100 --roofline",
    "train search_18",
    "train factors",
    "finetune search_18 --from-scratch",
    "upgrade mobilenetv2_100",
    "round rexnet_100",
    "search run --macs 1M",
    "rank layers",
    "rank axes",
    "rank factors",
    "rank network search_18",
    "report channels rexnet_100",
    "bench guidelines",
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("old")
    return tmp_path


def contents(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize(("place", "line"), BROKEN, ids=IDS)
@pytest.mark.parametrize("typed", [FILES[0], FOLDERS[0]])
def test_a_broken_place_is_one_line(typed, place, line, say: Say, folder):
    said = say(*typed.split(), "--out", place)

    assert said.code == 2
    assert line in said.err
    assert said.err.count("\n") == 1
    assert said.out == ""
    # Nothing was made, nothing replaced.
    assert contents(folder) == ["file"]
    assert (folder / "file").read_text() == "old"
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize("typed", [*FILES, *FOLDERS])
def test_every_verb_checks_its_place_before_it_imports_torch(typed, folder):
    program = (
        "import sys; from rexpand.cli.main import run\n"
        "try: run()\n"
        "finally: print('torch' in sys.modules, file=sys.__stdout__)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, *typed.split(), "--out", "file/below"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "file is no folder" in done.stderr
    assert done.stdout == "False\n"
    assert contents(folder) == ["file"]


@pytest.mark.parametrize("place", ["loop", "dead/new", "loop/a/b"])
def test_a_link_to_nothing_is_no_folder(place, say: Say, folder):
    (folder / "loop").symlink_to("loop")
    (folder / "dead").symlink_to("absent")

    said = say("round", "rexnet_100", "--out", place)

    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "is a link to nothing" in said.err


@pytest.mark.parametrize("typed", FILES[:2])
def test_a_folder_is_no_file(typed, say: Say, folder):
    (folder / "there").mkdir()

    said = say(*typed.split(), "--out", "there")

    assert (said.code, said.err.count("\n")) == (2, 1)
    assert "there cannot be written: it is no regular file" in said.err


def test_a_folder_that_is_given_may_exist_or_lie_deep(folder):
    (folder / "there").mkdir()
    before = contents(folder)

    for place in ("there", "new", "new/deep/er", ".", "there/../new", "new/../../new"):
        assert checked_folder(Path(place)) == Path(place)

    # The check itself leaves nothing, here or above.
    assert contents(folder) == before
    assert not (folder.parent / "new").exists()


def test_a_file_may_be_new_deep_old_or_linked(folder):
    (folder / "link").symlink_to("file")
    (folder / "nowhere").symlink_to("missing")
    before = contents(folder)

    for place in ("new", "new/deep/er.toml", "file", "link", "nowhere", "x" * 255):
        assert checked_file(Path(place)) == Path(place)

    assert contents(folder) == before
    assert (folder / "file").read_text() == "old"


def test_a_pipe_is_no_place(folder):
    os.mkfifo(folder / "pipe")

    for check in (checked_file, checked_folder):
        with pytest.raises(OutputError, match="pipe"):
            check(folder / "pipe")


@pytest.fixture(params=["ro,size=1m", "size=4k"], ids=["read-only", "full"])
def disk(request, tmp_path: Path) -> Iterator[Path]:
    """A disk that takes nothing: read-only, or full."""
    with mounted(tmp_path / "disk", request.param) as place:
        if not request.param.startswith("ro"):
            (place / "full").write_bytes(b"x" * 4096)
        yield place


@pytest.mark.parametrize("typed", [FILES[0], FOLDERS[1], FOLDERS[4], FOLDERS[7]])
def test_a_disk_that_takes_nothing_is_told_before_the_work(typed, disk, say: Say):
    said = say(*typed.split(), "--out", str(disk / "new" / "place"))

    assert (said.code, said.err.count("\n")) == (2, 1)
    assert str(disk / "new") in said.err
    assert "nothing was begun" in said.err
    assert [*disk.iterdir()] in ([], [disk / "full"])


def test_a_check_that_was_killed_leaves_nothing_to_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(tried: TemporaryDirectory[str]) -> None:
        tried._finalizer.detach()

    monkeypatch.setattr(TemporaryDirectory, "cleanup", killed)
    checked_folder(tmp_path)
    assert any(tmp_path.iterdir())

    with training_folder(tmp_path).locked():
        pass

    assert [each.name for each in tmp_path.iterdir()] == ["driver.lock"]
