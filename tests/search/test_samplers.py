"""Adaptive studies: the same whatever stops them, whoever runs them, and however they grow."""

from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.errors import StudyError
from rexpand.records import Record
from rexpand.report import cautions, study_page
from rexpand.search.address import address_of
from rexpand.search.database import DatabaseStorage
from rexpand.search.design import (
    StudyDesign,
    create_study,
    extend_study,
    read_study,
)
from rexpand.search.driver import search
from rexpand.search.queueing import queue
from rexpand.search.sampler import Sampler
from rexpand.search.summary import summarise
from rexpand.search.task import Task
from rexpand.search.workers import InProcess, Nobody, in_processes


@pytest.fixture(scope="module")
def adaptive(design: StudyDesign) -> StudyDesign:
    """Two random configurations, and two times two that are refined."""
    return replace(
        design,
        recipe=design.recipe.with_epochs(1),
        trials=6,
        seeds=1,
        sampler=Sampler(name="refine", generation=2),
    )


@pytest.fixture(scope="module")
def whole(adaptive: StudyDesign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the study that nobody disturbed."""
    return run(adaptive, tmp_path_factory.mktemp("studies") / "whole")


def run(design: StudyDesign, folder: Path) -> Path:
    create_study(design, folder)
    search(read_study(folder), folder, InProcess(), Nobody())
    return folder


def outcome(folder: Path) -> list[tuple[object, ...]]:
    return [(t.channels, t.shape, t.accuracies) for t in summarise(folder).trials]


class Stopped(Exception):
    """The driver was stopped."""


class StoppedAfter(AbstractContextManager["StoppedAfter"]):
    """Runs so many tasks, and then stops its driver."""

    slots = 1

    def __init__(self, tasks: int) -> None:
        self._left = tasks
        self._inside = InProcess()

    def submit(self, task: Task) -> "Future[Record]":
        if not self._left:
            raise Stopped
        self._left -= 1
        return self._inside.submit(task)

    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("tasks", [1, 2, 5], ids=["random", "between", "proposed"])
def test_a_study_that_was_stopped_goes_on_to_the_same_configurations(
    tasks: int, adaptive: StudyDesign, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    create_study(adaptive, folder)
    with pytest.raises(Stopped):
        search(adaptive, folder, StoppedAfter(tasks), Nobody())

    search(adaptive, folder, InProcess(), Nobody())

    assert outcome(folder) == outcome(whole)


def test_a_generation_that_was_half_queued_is_completed(
    adaptive: StudyDesign, whole: Path, tmp_path: Path
) -> None:
    # As by a kill inside the write of the second generation: its first line is there.
    folder = run(replace(adaptive, trials=3), tmp_path / "study")

    create_study(adaptive, folder)
    search(read_study(folder), folder, InProcess(), Nobody())

    assert outcome(folder) == outcome(whole)


def test_an_adaptive_study_extended_is_one_asked_for_at_once(
    adaptive: StudyDesign, whole: Path, tmp_path: Path
) -> None:
    folder = run(replace(adaptive, trials=4), tmp_path / "study")

    extend_study(folder, 6)
    search(read_study(folder), folder, InProcess(), Nobody())

    assert read_study(folder) == adaptive
    assert outcome(folder) == outcome(whole)


def test_two_workers_give_the_study_of_one(
    adaptive: StudyDesign, whole: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    create_study(adaptive, folder)

    search(adaptive, folder, in_processes(2, threads=1), Nobody())

    assert outcome(folder) == outcome(whole)


def test_two_drivers_queue_a_generation_once(
    adaptive: StudyDesign, tmp_path: Path
) -> None:
    database = address_of(f"sqlite:///{tmp_path / 'studies.db'}", Path("study"))
    place = database.within(Path("study"))
    with DatabaseStorage(place, 60) as first, DatabaseStorage(place, 60) as second:
        for each in (first, second):
            each.join(adaptive)
            queue(adaptive, each)
        counts = [first.count()]
        while trial := first.take():
            first.complete(trial, 50.0, {"accuracies": [50.0]})
            # Before the last one is over, nobody proposes.
            counts.append(second.count())
            for each in (first, second):
                queue(adaptive, each)

        assert counts == [2, 2, 2, 4, 4, 6, 6]
        channels = [trial.user_attrs["channels"] for trial in second.trials()]
        assert len({*map(tuple, channels)}) == 6


def test_another_sampler_is_refused_in_one_line(
    adaptive: StudyDesign, whole: Path
) -> None:
    other = replace(adaptive, sampler=Sampler(name="tpe", generation=2))

    with pytest.raises(
        StudyError, match=r"settings: sampler\.name is 'refine', asked for 'tpe'; give"
    ):
        create_study(other, whole)


def test_statistics_are_of_the_random_trials_alone(whole: Path) -> None:
    summary = summarise(whole)

    assert [trial.generation for trial in summary.trials] == [0, 0, 1, 1, 2, 2]
    assert [trial.number for trial in summary.random_trials] == [0, 1]
    assert all(trial.group is None for trial in summary.trials[2:])
    assert sum(shape.trials for shape in summary.shapes) == 2
    assert sum(each.accuracy.count for each in summary.shape_accuracies) == 2
    assert summary.distribution is not None
    assert summary.distribution.count == 2
    # The best and the front are of all trials.
    assert summary.front is not None
    assert {row.trial for row in summary.front.trials} <= {0, 1, 2, 3, 4, 5}
    assert summary.best is not None


def test_the_page_says_which_trials_it_counts(whole: Path) -> None:
    summary = summarise(whole)

    said = " ".join(cautions(summary))
    page = study_page(summary)

    assert "The sampler refine proposed 4 trials" in said
    assert "the first 2 trials alone, which are random" in said
    assert "What refine proposed" in page
    assert page.count("proposed") > 4  # the shape of each in the table of trials
