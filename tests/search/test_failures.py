"""A trial that fails is marked with its reason, and the study goes on."""

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.errors import (
    ClusterLostError,
    DataError,
    ForeignCodeError,
    OutputError,
    RunError,
)
from rexpand.records import Record, StudySummary
from rexpand.report import study_page
from rexpand.search.design import StudyDesign, create_study
from rexpand.search.driver import search
from rexpand.search.failures import check_hopeful, failure_of
from rexpand.search.summary import summarise
from rexpand.search.task import Task
from rexpand.search.winner import winner
from rexpand.search.workers import InProcess, Nobody
from warm.programs import Programs

Spoil = Callable[[Task], Task]


class Heard(Nobody):
    """Remembers what a search tells."""

    def __init__(self) -> None:
        self.failed: list[int] = []
        self.told: list[str] = []

    def fail_trial(self, number: int, reason: str) -> None:
        self.failed.append(number)

    def tell(self, message: str) -> None:
        self.told.append(message)


class Spoiling(InProcess):
    """A worker that is given other tasks than the driver thinks."""

    def __init__(self, spoil: Spoil, *trials: int) -> None:
        super().__init__()
        self._spoil = spoil
        self._names = {f"trial {number}" for number in trials}

    def submit(self, task: Task) -> "Future[Record]":
        return super().submit(self._spoil(task) if task.trial in self._names else task)


def diverging(task: Task) -> Task:
    """The training with a rate at which no weight stays finite."""
    optimizer = replace(
        task.recipe.optimizer, learning_rate=1000.0, weight_decay=1000.0
    )
    return replace(task, recipe=replace(task.recipe, optimizer=optimizer))


def too_large(task: Task) -> Task:
    """A network of terabytes."""
    wide = [1_000_000] * len(task.spec.channels)
    return replace(task, spec=task.spec.with_channels(wide))


def too_large_once(task: Task) -> Task:
    """The same, unless it is tried with less memory."""
    return task if task.spares_memory else too_large(task)


@pytest.fixture(scope="module")
def design(design: StudyDesign) -> StudyDesign:
    """Three trials of one training each."""
    return replace(design, trials=3, seeds=1)


@pytest.fixture(scope="module")
def whole(
    design: StudyDesign, tmp_path_factory: pytest.TempPathFactory
) -> StudySummary:
    """The study in which nothing failed."""
    folder = tmp_path_factory.mktemp("whole") / "study"
    create_study(design, folder)
    search(design, folder, InProcess(), Nobody())
    return summarise(folder)


@pytest.fixture(params=["journal", "sqlite"])
def folder(request: pytest.FixtureRequest, design: StudyDesign, tmp_path: Path) -> Path:
    """The folder of a new study."""
    folder = tmp_path / "study"
    is_file = request.param == "journal"
    create_study(design, folder, None if is_file else f"sqlite:///{tmp_path}/a.db")
    return folder


def outcome(summary: StudySummary) -> list[tuple[object, ...]]:
    return [(t.number, t.state, t.accuracies, t.nuclear_norm) for t in summary.trials]


def test_a_trial_that_diverges_is_marked_and_the_study_goes_on(
    folder: Path, design: StudyDesign, whole: StudySummary
) -> None:
    heard = Heard()

    search(design, folder, Spoiling(diverging, 1), heard)

    found = summarise(folder)
    assert heard.failed == [1]
    assert [t.state for t in found.trials].count("failed") == 1
    failed = found.trials[1]
    assert (failed.state, failed.accuracy) == ("failed", None)
    assert failed.failure is not None
    assert "lower learning_rate, now 1000" in failed.failure
    # The others are what they would have been.
    for number in (0, 2):
        assert found.trials[number].accuracies == whole.trials[number].accuracies


def test_a_trial_that_exceeds_the_memory_is_tried_with_less(
    folder: Path, design: StudyDesign, whole: StudySummary
) -> None:
    heard = Heard()

    search(design, folder, Spoiling(too_large_once, 2), heard)

    # With less memory it has the same bits.
    assert outcome(summarise(folder)) == outcome(whole)
    assert heard.failed == []
    assert [line for line in heard.told if "trial 2, seed 0: training" in line]
    assert heard.told[0].endswith("it is tried with checkpointing now")


def test_a_trial_that_went_on_with_less_memory_does_so_after_a_stop(
    design: StudyDesign, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    design = replace(design, trials=1)
    create_study(design, folder)

    class Stopping(Spoiling):
        def submit(self, task: Task) -> "Future[Record]":
            if not task.spares_memory:
                return super().submit(task)
            super().submit(replace(task, until_epoch=1)).result()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(design, folder, Stopping(too_large_once, 0), Nobody())
    search(design, folder, InProcess(), Nobody())

    assert [trial.state for trial in summarise(folder).trials] == ["complete"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="limits the process's addresses")
def test_a_real_limit_of_memory_is_met_with_less_or_said(tmp_path: Path) -> None:
    script = Path(__file__).parents[1] / "memory_limited.py"

    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )

    whole, sparing, failed = map(json.loads, done.stdout.splitlines())
    assert whole["told"] == []
    # What torch could not allocate is said, and then done with less.
    (told,) = sparing["told"]
    assert "can't allocate memory: you tried to allocate" in told
    assert told.endswith("it is tried with checkpointing now")
    assert (sparing["state"], sparing["error"]) == ("complete", None)
    assert sparing["accuracies"] == whole["accuracies"]
    # Where that does not suffice either, the trial is marked.
    assert failed["state"] == "failed"
    assert failed["error"].startswith("the only trial failed; the last one: trial 0, ")
    assert "give a smaller batch or resolution" in failed["error"]


def test_failed_trials_are_run_again_if_that_is_asked_for(
    folder: Path, design: StudyDesign, whole: StudySummary
) -> None:
    search(design, folder, Spoiling(too_large, 0, 2), Nobody())
    assert [t.state for t in summarise(folder).trials].count("failed") == 2

    # Not by itself.
    search(design, folder, InProcess(), Nobody())
    assert [t.state for t in summarise(folder).trials].count("failed") == 2
    search(design, folder, InProcess(), Nobody(), retry_failed=True)

    assert outcome(summarise(folder)) == outcome(whole)
    assert all(trial.failure is None for trial in summarise(folder).trials)


def test_a_study_whose_every_trial_fails_is_a_failed_run(
    folder: Path, design: StudyDesign
) -> None:
    with pytest.raises(RunError, match=r"all 3 trials failed; the last one: trial 2, "):
        search(design, folder, Spoiling(too_large, 0, 1, 2), Nobody())

    # It says so again, and its report is there.
    with pytest.raises(RunError, match="all 3 trials failed"):
        search(design, folder, InProcess(), Nobody())
    assert "Failed trials" in study_page(summarise(folder))


def test_a_long_study_whose_first_trials_all_fail_stops_with_one_line(
    programs: Programs, tmp_path: Path
) -> None:
    too_fast = ("optimizer.learning_rate=1000", "optimizer.weight_decay=1000")
    settings = [word for each in too_fast for word in ("--set", each)]

    done = programs.run(
        *("search", "run", "--macs", "500k", "--trials", "50", "--seeds", "1"),
        *("--epochs", "2", "--train-subset", "100", "--out", str(tmp_path / "study")),
        *settings,
    )

    assert done.returncode == 1, done.stderr
    last = done.stderr.splitlines()[-1]
    assert last.startswith(
        "rexpand: the first 5 trials failed, so the study stops here"
    )
    assert "lower learning_rate, now 1000" in last
    assert "Traceback" not in done.stderr
    # Those are what its report has, and they are tried again only if that is asked for.
    report = programs.run("search", "report", str(tmp_path / "study"))
    assert report.returncode == 0
    assert "5 of 50 trials failed; trial 0: the loss of search_18 is" in report.stderr


@pytest.mark.parametrize("kind", [DataError, OutputError, ClusterLostError])
def test_what_would_fail_every_trial_ends_the_study_at_once(
    kind: type[Exception], design: StudyDesign, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    create_study(design, folder)

    class Refusing(InProcess):
        def submit(self, task: Task) -> "Future[Record]":
            failed: Future[Record] = Future()
            failed.set_exception(kind("mend it first"))
            return failed

    with pytest.raises(kind, match="mend it first"):
        search(design, folder, Refusing(), Nobody())

    assert [t.state for t in summarise(folder).trials].count("failed") == 0


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            ForeignCodeError("block Twist", "IndexError: 3"),
            "block Twist: IndexError: 3",
        ),
        (RuntimeError("cuDNN error"), "RuntimeError: cuDNN error"),
    ],
)
def test_code_that_fails_in_a_training_fails_its_trial(
    error: Exception, reason: str
) -> None:
    found = failure_of(error)

    assert found is not None
    assert (found.reason, found.wants_memory) == (reason, False)


def test_twenty_failures_in_a_row_stop_a_study_that_went_well() -> None:
    row: list[str | None] = [None, *["it diverged"] * 19]
    check_hopeful(row, has_success=True)
    check_hopeful([*row, None, *row], has_success=True)

    with pytest.raises(RunError, match="20 trials in a row failed, so the study stops"):
        check_hopeful([*row, "it diverged"], has_success=True)


def test_a_trial_under_way_is_no_failure_yet() -> None:
    # The first one trains for an hour, the others fail at once.
    check_hopeful([None, *["too large"] * 5], has_success=False)


def test_a_failed_trial_is_no_winner(design: StudyDesign, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    design = replace(design, trials=2)
    create_study(design, folder)

    search(design, folder, Spoiling(too_large, 0), Nobody())

    assert winner(folder)[1].name.endswith("_trial_1")
