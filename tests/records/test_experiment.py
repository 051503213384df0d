"""A folder belongs to one experiment, goes on with it, and refuses another's."""

import json
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from rexpand.codec import to_line
from rexpand.errors import DataError, StudyError
from rexpand.records import ExperimentFolder, outcomes, this_provenance


@dataclass(frozen=True, kw_only=True)
class Oven:
    degrees: int
    shelves: tuple[int, ...] = (1, 2)


@dataclass(frozen=True, kw_only=True)
class Bake:
    oven: Oven
    loaves: int = 1
    hours: float = 0.5


PROVENANCE = this_provenance((), threads=1)


def baking(path: Path) -> ExperimentFolder[Bake]:
    return ExperimentFolder(
        path=path,
        design=Bake,
        name="baking",
        started_by="rexpand bake",
        file="bake.json",
        version=3,
        may_grow=("loaves",),
    )


def test_a_design_comes_back_and_says_who_wrote_it(tmp_path: Path) -> None:
    folder = baking(tmp_path / "new")

    made = folder.create(Bake(oven=Oven(degrees=220)), PROVENANCE)

    assert folder.read() == made == Bake(oven=Oven(degrees=220))
    saved = json.loads((tmp_path / "new/bake.json").read_text())
    assert saved["provenance"]["command"]
    assert saved["version"] == 3


def test_the_first_run_has_the_design_that_later_ones_read(tmp_path: Path) -> None:
    # An integer where a real number is asked is written as one, and read as the other.
    asked = Bake(oven=Oven(degrees=220), hours=2)

    first = baking(tmp_path).create(asked, PROVENANCE)
    later = baking(tmp_path).create(asked, PROVENANCE)

    # States of trainings are known by the text of their design.
    assert to_line(first) == to_line(later)


def test_other_settings_are_shown_with_both_values(tmp_path: Path) -> None:
    folder = baking(tmp_path)
    folder.create(Bake(oven=Oven(degrees=220)), PROVENANCE)
    before = (tmp_path / "bake.json").read_bytes()

    with pytest.raises(StudyError) as caught:
        folder.create(Bake(oven=Oven(degrees=180, shelves=(1, 3))), PROVENANCE)

    # Each place with the value that is there and the one that was asked for.
    message = str(caught.value)
    assert "oven.degrees is 220, asked for 180" in message
    assert "oven.shelves[1] is 2, asked for 3" in message
    assert "\n" not in message
    # A refused command changes nothing.
    assert (tmp_path / "bake.json").read_bytes() == before


def test_a_field_that_may_grow_grows_and_never_shrinks(tmp_path: Path) -> None:
    folder, oven = baking(tmp_path), Oven(degrees=220)
    folder.create(Bake(oven=oven, loaves=2), PROVENANCE)

    grown = folder.create(Bake(oven=oven, loaves=5), PROVENANCE)
    kept = folder.create(Bake(oven=oven, loaves=1), PROVENANCE)

    # The design that holds is given back: who asked for less gets what is there.
    assert grown.loaves == kept.loaves == folder.read().loaves == 5


def test_somebody_elses_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")

    with pytest.raises(StudyError, match="holds no baking; give a new folder"):
        baking(tmp_path).check_own()

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it is not valid JSON"),
        ("[]", "it is not a table of fields"),
        ("{}", "it has version None, this rexpand reads 3"),
        ('{"version": 2}', "it has version 2, this rexpand reads 3"),
        ('{"version": 3}', "missing key design; missing key provenance"),
        (
            '{"version": 3, "provenance": null, "design": {"oven": {"degrees": "hot"}}}',
            "design.oven.degrees is 'hot'",
        ),
    ],
)
def test_a_design_that_cannot_be_read_is_said_to_be(
    text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / "bake.json").write_text(text)

    with pytest.raises(StudyError, match=message) as caught:
        baking(tmp_path).read()

    assert "bake.json" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_process_works_in_a_folder_at_a_time(tmp_path: Path) -> None:
    folder = baking(tmp_path)

    with folder.locked(), pytest.raises(StudyError, match="another process"):
        folder.locked().__enter__()

    # Free again afterwards.
    with folder.locked():
        pass


def test_the_lock_of_a_dead_process_holds_nobody_up(tmp_path: Path) -> None:
    program = (
        "import fcntl, os, sys; file = open(sys.argv[1], 'w'); "
        "fcntl.flock(file, fcntl.LOCK_EX); os.kill(os.getpid(), 9)"
    )
    lock = str(tmp_path / "driver.lock")
    done = subprocess.run([sys.executable, "-c", program, lock], check=False)

    assert done.returncode == -9
    with baking(tmp_path).locked():
        pass


def test_a_file_that_a_kill_left_half_written_is_deleted(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from rexpand.records import write_atomic; "
        "os.fsync = lambda handle: os.kill(os.getpid(), 9); "
        "write_atomic(Path(sys.argv[1]), 'half')"
    )
    path = str(tmp_path / "bake.json")
    subprocess.run([sys.executable, "-c", program, path], check=False)
    assert len([*tmp_path.glob(".bake.json.*")]) == 1
    (tmp_path / ".mine").touch()

    with baking(tmp_path).locked():
        pass

    assert sorted(path.name for path in tmp_path.iterdir()) == [".mine", "driver.lock"]


class Pairs:
    """Two tasks at a time, each done when the next is given."""

    slots = 2

    def __init__(self) -> None:
        self.taken: list[str] = []

    def submit(self, task: str) -> "Future[str]":
        self.taken.append(task)
        future: Future[str] = Future()
        future.set_result(task.upper())
        return future

    def __enter__(self) -> "Pairs":
        return self

    def __exit__(self, *_: object) -> None: ...


def test_tasks_that_are_finished_are_not_run_again(tmp_path: Path) -> None:
    workers, heard = Pairs(), []

    found = dict(
        outcomes(
            baking(tmp_path),
            ["a", "b", "c", "d"],
            {"b": "B"}.get,
            workers,
            lambda tasks, finished: heard.append((tasks, finished)),
        )
    )

    # Each result with its place among all tasks.
    assert found == {0: "A", 2: "C", 3: "D"}
    assert sorted(workers.taken) == ["a", "c", "d"]
    assert heard == [(4, 1)]


def fail(
    folder: ExperimentFolder[Bake], error: BaseException, result: str = ""
) -> None:
    """Begin a baking, leave a result if one is named, and fail."""
    with folder.given_up_if_refused():
        folder.create(Bake(oven=Oven(degrees=220)), PROVENANCE)
        with folder.locked():
            if result:
                (folder.path / result).parent.mkdir()
                (folder.path / result).touch()
            raise error


def lock_twice(folder: ExperimentFolder[Bake]) -> None:
    with folder.given_up_if_refused():
        folder.create(Bake(oven=Oven(degrees=220)), PROVENANCE)
        with folder.locked(), folder.locked():
            pass


def test_an_experiment_that_is_refused_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        fail(baking(tmp_path / "runs" / "new"), DataError("there is no flour"))

    # Neither a design that would refuse the next one, nor the folders above it.
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("error", "result"),
    [(DataError("no more flour"), "seed-0/training.json"), (KeyboardInterrupt(), "")],
    ids=["result", "stopped"],
)
def test_an_experiment_with_a_result_or_stopped_by_hand_stays(
    error: BaseException, result: str, tmp_path: Path
) -> None:
    folder = baking(tmp_path / "new")

    with pytest.raises(type(error)):
        fail(folder, error, result)

    assert folder.read() == Bake(oven=Oven(degrees=220))


def test_what_was_there_before_stays_when_the_next_one_is_refused(
    tmp_path: Path,
) -> None:
    folder = baking(tmp_path)
    folder.create(Bake(oven=Oven(degrees=220)), PROVENANCE)

    with pytest.raises(DataError):
        fail(folder, DataError("there is no flour"))

    assert folder.read() == Bake(oven=Oven(degrees=220))


def test_a_folder_that_another_process_has_is_not_removed(tmp_path: Path) -> None:
    folder = baking(tmp_path)

    with pytest.raises(StudyError, match="another process"):
        lock_twice(folder)

    assert folder.read() == Bake(oven=Oven(degrees=220))


def test_whoever_is_at_work_first_removes_what_killed_writes_left(
    tmp_path: Path,
) -> None:
    folder = baking(tmp_path)
    folder.create(Bake(oven=Oven(degrees=220)), PROVENANCE)
    figures = tmp_path / "figures"
    half_written = figures / ".bread.svg.abcdefgh.torn"
    half_checked = tmp_path / ".abcdefgh.torn" / "deep"
    half_checked.mkdir(parents=True)
    figures.mkdir()
    half_written.write_text("<svg")
    (figures / "bread.svg").write_text("<svg/>")

    with folder.locked():
        pass

    assert not [*tmp_path.rglob("*.torn")]
    assert (figures / "bread.svg").read_text() == "<svg/>"
