"""Halving gives one study, whoever trains it and however often that is interrupted."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.errors import StudyError
from rexpand.records import StudySummary
from rexpand.search.configuration import configurations_of
from rexpand.search.design import StudyDesign, create_study, drawn
from rexpand.search.driver import search
from rexpand.search.pruning import is_spared
from rexpand.search.sampler import Sampler, SamplerName
from rexpand.search.stopping import Stopping
from rexpand.search.storage import StudyStorage, Taken
from rexpand.search.stored import storage_of
from rexpand.search.summary import summarise
from rexpand.search.workers import InProcess, Nobody, in_processes

TRIALS = 6


@pytest.fixture
def halving(design: StudyDesign) -> StudyDesign:
    """Six trials of three epochs, compared after the first."""
    return replace(
        design,
        trials=TRIALS,
        seeds=1,
        recipe=design.recipe.with_epochs(3),
        train_subset=64,
        pruning="halving",
    )


class Interrupted(Exception):
    """What ends a driver in the middle."""


class Interrupting(Nobody):
    """Ends the driver when it tells of a trial that is over."""

    def end_trial(self, number: int, accuracy: float | None) -> None:
        raise Interrupted


def outcome(summary: StudySummary) -> list[tuple[object, ...]]:
    return [(each.number, each.state, each.accuracies) for each in summary.trials]


def queued(storage: StudyStorage, design: StudyDesign) -> list[Taken]:
    """Every trial of a study, taken."""
    storage.add(configurations_of(drawn(design)), first=0)
    found = [storage.take() for _ in range(design.trials)]
    assert None not in found
    return [each for each in found if each is not None]


@pytest.mark.kernels
def test_an_interrupted_study_stops_the_same_trials(
    halving: StudyDesign, tmp_path: Path
) -> None:
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for folder in (whole, parts):
        create_study(halving, folder)

    search(halving, whole, InProcess(), Nobody())
    for _ in range(2):
        with pytest.raises(Interrupted):
            search(halving, parts, InProcess(), Interrupting())
    search(halving, parts, InProcess(), Nobody())

    assert outcome(summarise(parts)) == outcome(summarise(whole))
    trials = summarise(whole).trials
    spared = [n for n in range(TRIALS) if is_spared(n, halving.sampling_seed)]
    assert all(trials[number].state == "complete" for number in spared)
    # Two of six go on, more where accuracies are equal, and those that are spared.
    assert 1 <= sum(each.state == "pruned" for each in trials) <= 4
    error = summarise(whole).ranking_error
    assert error is not None
    assert error.trials == tuple(spared)


@pytest.mark.parametrize(
    "name",
    [
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("tpe", "nsga2")),
        "refine",
    ],
)
def test_an_interrupted_study_whose_sampler_learns_is_proposed_and_stopped_alike(
    name: SamplerName, halving: StudyDesign, tmp_path: Path
) -> None:
    # A generation is a cohort: the next one is proposed from how all of it ended.
    asked = replace(halving, sampler=Sampler(name=name, generation=3))
    assert asked.cohorts == (3, 6)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for folder in (whole, parts):
        create_study(asked, folder)

    search(asked, whole, InProcess(), Nobody())
    for _ in range(2):
        with pytest.raises(Interrupted):
            search(asked, parts, InProcess(), Interrupting())
    search(asked, parts, InProcess(), Nobody())

    summary = summarise(whole)
    assert outcome(summarise(parts)) == outcome(summary)
    found = [each.channels for each in summary.trials]
    assert [each.channels for each in summarise(parts).trials] == found
    assert [each.generation for each in summary.trials] == [0, 0, 0, 1, 1, 1]
    # In each generation somebody goes on; who is stopped is not more than two of three.
    for first in (0, 3):
        states = [each.state for each in summary.trials[first : first + 3]]
        assert states.count("complete") >= 1
        assert states.count("complete") + states.count("pruned") == 3
    assert any(each.state == "pruned" for each in summary.trials)


@pytest.mark.slow
@pytest.mark.kernels
def test_two_processes_stop_the_same_trials(
    halving: StudyDesign, tmp_path: Path
) -> None:
    alone, beside = tmp_path / "alone", tmp_path / "beside"
    for folder in (alone, beside):
        create_study(halving, folder)

    search(halving, alone, InProcess(), Nobody())
    search(halving, beside, in_processes(2, threads=1), Nobody())

    assert outcome(summarise(beside)) == outcome(summarise(alone))


@pytest.mark.parametrize("order", [range(TRIALS), reversed(range(TRIALS))])
def test_a_trial_waits_until_the_last_of_its_cohort_has_come(
    halving: StudyDesign, order: range, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    create_study(halving, folder)
    first, *rest, last = order
    with storage_of(folder) as storage:
        trials = queued(storage, halving)
        stopping = Stopping(halving, storage)
        for number in (first, *rest):
            storage.report(trials[number], {0: 10.0 * number})
        before = stopping.verdicts([(first, 1), (rest[0], 1)])
        storage.report(trials[last], {0: 10.0 * last})
        after = stopping.verdicts([(number, 1) for number in range(TRIALS)])

    assert before == ["wait", "wait"]
    assert after == ["stop"] * 4 + ["go on"] * 2


def test_a_trial_that_is_spared_goes_on_at_once(
    halving: StudyDesign, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    create_study(halving, folder)
    spared = next(n for n in range(TRIALS) if is_spared(n, halving.sampling_seed))
    other = next(n for n in range(TRIALS) if not is_spared(n, halving.sampling_seed))

    with storage_of(folder) as storage:
        trials = queued(storage, halving)
        stopping = Stopping(halving, storage)
        for number in (spared, other):
            storage.report(trials[number], {0: 0.0})

        assert stopping.verdict(spared, {0: 0.0}) == "go on"
        assert stopping.verdict(other, {0: 0.0}) == "wait"
    # It stops at the rung all the same, so that the others need not wait for its end.
    assert stopping.pause(spared, 0) == stopping.pause(other, 0) == 1
    assert stopping.pause(other, 1) is None


@pytest.mark.parametrize("rule", ["median", "halving"])
def test_a_rule_that_could_stop_nothing_is_refused(
    design: StudyDesign, rule: str
) -> None:
    with pytest.raises(
        StudyError, match=f"{rule} stops no trial of 2 epochs; give 3 or more"
    ):
        replace(design, pruning=rule)  # type: ignore[arg-type]
    with pytest.raises(StudyError, match="'quarter' is unknown; choose from none, med"):
        replace(design, pruning="quarter")  # type: ignore[arg-type]
