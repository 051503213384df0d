"""What short trainings tell, and what a rule would have done, against cases by hand."""

from dataclasses import replace

import numpy as np
import pytest

from rexpand.recipe import RECIPES
from rexpand.search.design import StudyDesign
from rexpand.search.pruning import falls_below_median, is_spared, pauses
from rexpand.search.ranking_error import Curve, ranking_error

TRIALS, EPOCHS = 27, 9


@pytest.fixture
def asked(design: StudyDesign) -> StudyDesign:
    """A study of 27 trials of nine epochs, which halving compares after one and three."""
    recipe = RECIPES["digits"].with_epochs(EPOCHS)
    return replace(design, trials=TRIALS, seeds=2, recipe=recipe)


def rising(number: int, *, final: float | None = None, start: float = 0.0) -> Curve:
    """A trial whose accuracy after each epoch is a step above that of the one before it."""
    accuracies = tuple(start + number + epoch / 10 for epoch in range(EPOCHS))
    return Curve(
        number=number,
        accuracies=accuracies,
        final=float(number) if final is None else final,
    )


CURVES = [rising(number) for number in range(TRIALS)]


def test_trainings_that_keep_their_order_tell_all_from_the_first_epoch(
    asked: StudyDesign,
) -> None:
    error = ranking_error(asked, CURVES)

    assert error is not None
    assert [each.epochs for each in error.short] == list(range(1, EPOCHS + 1))
    assert [each.tau.low for each in error.short] == pytest.approx([1.0] * EPOCHS)
    median, halving = error.outcomes
    assert (halving.best_stopped, halving.top_stopped) == (0, 0)
    assert (median.best_stopped, median.points_lost) == (0, 0)


def test_an_order_that_turns_round_costs_the_best(asked: StudyDesign) -> None:
    turned = [replace(each, final=-each.number + 50.0) for each in CURVES]

    error = ranking_error(asked, turned)

    assert error is not None
    assert [each.tau.high for each in error.short] == pytest.approx([-1.0] * EPOCHS)
    halving = error.outcomes[1]
    assert halving.rungs == (1, 3)
    assert (halving.best_stopped, halving.top_stopped) == (1, 1)
    # Nine go on after the first epoch, 18 to 26, and three after the third: 24 to 26.
    assert halving.points_lost == 50.0 - 26.0


def test_the_epochs_that_halving_saves_are_counted_by_hand(asked: StudyDesign) -> None:
    error = ranking_error(asked, CURVES)

    spared = {n for n in range(TRIALS) if is_spared(n, asked.sampling_seed)}
    whole = 2 * EPOCHS
    saved = sum(whole - 1 for n in range(18) if n not in spared)
    saved += sum(whole - 3 for n in range(18, 24) if n not in spared)
    assert error is not None
    assert error.outcomes[1].epochs_saved == pytest.approx(saved / (TRIALS * whole))


def test_the_median_rule_in_an_order_is_that_of_a_driver(asked: StudyDesign) -> None:
    # A study with the median rule, told trial by trial to the rule itself.
    asked = replace(asked, pruning="median")
    rng = np.random.default_rng(0)
    curves, elders, would = [], [], {}
    for number in range(TRIALS):
        told = tuple(rng.uniform(0, 100, EPOCHS).round(1).tolist())
        stop = None
        for epochs in pauses("median", EPOCHS):
            own = dict(enumerate(told[:epochs]))
            if falls_below_median(own, [elder[epochs - 1] for elder in elders]):
                stop = epochs
                break
        free = is_spared(number, asked.sampling_seed)
        if stop is not None and not free:
            curve = Curve(
                number=number, accuracies=told[:stop], final=None, is_stopped=True
            )
        else:
            elders.append(told)
            curve = Curve(number=number, accuracies=told, final=told[-1])
        if free:
            would[number] = stop is not None
        curves.append(curve)

    error = ranking_error(asked, curves)

    assert error is not None
    # The error is measured on those that the rule spared.
    assert error.trials == tuple(would)
    best = max(would, key=lambda number: curves[number].final or 0.0)
    (outcome,) = error.outcomes
    assert outcome.best_stopped == would[best]
    stopped = [each for each in curves if each.is_stopped]
    assert error.stopped == len(stopped) >= 5
    saved = sum(2 * EPOCHS - len(each.accuracies) for each in stopped)
    assert outcome.epochs_saved == pytest.approx(saved / (TRIALS * 2 * EPOCHS))


def test_halving_is_judged_when_its_cohort_is_over(asked: StudyDesign) -> None:
    asked = replace(asked, pruning="halving")
    going = {1: set(range(18, 27)), 3: {24, 25, 26}}
    curves = []
    for each in CURVES:
        stop = next((rung for rung in going if each.number not in going[rung]), None)
        if stop is None or is_spared(each.number, asked.sampling_seed):
            curves.append(each)
        else:
            told = each.accuracies[:stop]
            curves.append(replace(each, accuracies=told, final=None, is_stopped=True))

    error = ranking_error(asked, curves)
    early = ranking_error(asked, curves[:-1])

    assert error is not None
    spared = [n for n in range(TRIALS) if is_spared(n, asked.sampling_seed)]
    assert error.trials == tuple(spared)
    (outcome,) = error.outcomes
    kept = [n for n in spared if n in going[3]]
    assert outcome.points_lost == (max(spared) - max(kept) if kept else None)
    assert outcome.best_stopped == (max(spared) not in going[3])
    # While one is under way nobody knows who goes on.
    assert early is not None
    assert early.outcomes == ()


def test_a_training_that_its_patience_ended_counts_with_its_last_accuracy(
    asked: StudyDesign,
) -> None:
    short = [replace(each, accuracies=each.accuracies[:2]) for each in CURVES]

    error = ranking_error(asked, short)

    assert error is not None
    assert error.short[-1].epochs == EPOCHS
    assert error.short[-1].tau.mean == pytest.approx(1.0)


def test_trials_without_epochs_tell_nothing(asked: StudyDesign) -> None:
    bare = [replace(each, accuracies=()) for each in CURVES]

    assert ranking_error(asked, bare) is None
    assert ranking_error(asked, []) is None


def test_two_trials_have_an_outcome_and_no_correlation(asked: StudyDesign) -> None:
    error = ranking_error(asked, CURVES[:2])

    assert error is not None
    assert error.short == ()
    assert [each.rule for each in error.outcomes] == ["median", "halving"]
