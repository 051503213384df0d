"""The median rule stops a trial where Optuna's median pruner does; halving by cohorts."""

from collections.abc import Mapping

import optuna
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from optuna.trial import TrialState, create_trial

from rexpand.search.pruning import (
    cohort_of,
    falls_below_median,
    is_spared,
    pauses,
    rungs,
    survivors,
)

PERCENT = st.floats(0, 100, width=16)


@settings(max_examples=50)
@given(
    own=st.lists(PERCENT, min_size=1, max_size=4),
    others=st.lists(st.lists(PERCENT, max_size=4), max_size=8),
)
def test_it_is_optunas_rule(own: list[float], others: list[list[float]]) -> None:
    study = optuna.create_study(direction="maximize")
    for accuracies in others:
        study.add_trial(
            create_trial(value=1.0, intermediate_values=dict(enumerate(accuracies)))
        )
    running = create_trial(
        state=TrialState.RUNNING, intermediate_values=dict(enumerate(own))
    )
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1)

    epoch = len(own) - 1
    elders = [each[epoch] if epoch < len(each) else None for each in others]
    stops = falls_below_median(dict(enumerate(own)), elders)

    assert stops == pruner.prune(study, running)


@pytest.mark.parametrize(("elders", "stops"), [(4, False), (5, True)])
def test_the_first_five_are_never_stopped(elders: int, stops: bool) -> None:
    assert falls_below_median({0: 1.0, 1: 2.0}, [50.0] * elders) == stops


@pytest.mark.parametrize(
    ("epochs", "found"), [(2, ()), (3, (1,)), (8, (2,)), (9, (1, 3)), (30, (3, 10))]
)
def test_the_rungs_are_at_a_ninth_and_a_third(
    epochs: int, found: tuple[int, ...]
) -> None:
    assert rungs(epochs) == pauses("halving", epochs) == found


def test_no_rule_stops_a_trial_after_its_last_epoch() -> None:
    assert pauses("median", 5) == (2, 3, 4)
    assert pauses("none", 5) == ()
    assert pauses("median", 2) == pauses("halving", 2) == ()


def test_a_third_goes_on_at_a_rung_and_a_third_of_these_at_the_next() -> None:
    first = {number: float(number) for number in range(9)}
    second = {8: 10.0, 7: 30.0, 6: 20.0}

    assert survivors(range(9), [first]) == {6, 7, 8}
    # Who is ahead may change.
    assert survivors(range(9), [first, second]) == {7}


def test_a_rung_is_open_until_the_last_of_the_cohort_has_come() -> None:
    first = {number: float(number) for number in range(9)}

    assert survivors(range(9), [{n: first[n] for n in range(8)}]) is None
    # The next one waits for those that go on only.
    assert survivors(range(9), [first, {8: 10.0, 7: 30.0}]) is None
    assert survivors(range(9), [first, {8: 1.0, 7: 3.0, 6: 2.0}]) is not None


def test_equal_accuracies_share_their_fate() -> None:
    assert survivors(range(6), [dict.fromkeys(range(6), 10.0)]) == set(range(6))
    tied = {0: 5.0, 1: 4.0, 2: 4.0, 3: 1.0, 4: 0.0, 5: 0.0}
    assert survivors(range(6), [tied]) == {0, 1, 2}


def test_a_trial_without_an_accuracy_is_the_worst() -> None:
    found: Mapping[int, float | None] = {0: None, 1: 0.0, 2: float("nan")}

    assert survivors(range(3), [found]) == {1}


@given(
    st.lists(PERCENT, min_size=1, max_size=30),
    st.randoms(use_true_random=False),
)
def test_who_goes_on_does_not_depend_on_who_came_first(
    accuracies: list[float], random: "object"
) -> None:
    numbered = list(enumerate(accuracies))
    random.shuffle(numbered)  # type: ignore[attr-defined]

    going = survivors(range(len(accuracies)), [dict(numbered)])

    assert going == survivors(range(len(accuracies)), [dict(enumerate(accuracies))])
    # At least a third, and never one that another who stops beats.
    assert going is not None
    assert len(going) >= max(len(accuracies) // 3, 1)
    out = [each for number, each in numbered if number not in going]
    assert max(out, default=-1.0) < min(accuracies[number] for number in going)


def test_one_trial_of_each_five_is_spared_whatever_the_study_grows_to() -> None:
    chosen = [number for number in range(100) if is_spared(number, seed=7)]

    assert [number // 5 for number in chosen] == list(range(20))
    # Another seed chooses others, and no place among the five is chosen more.
    assert chosen != [number for number in range(100) if is_spared(number, seed=8)]
    places = [number % 5 for number in range(5000) if is_spared(number, seed=0)]
    assert all(150 < places.count(place) < 250 for place in range(5))


def test_trials_that_were_asked_for_together_are_compared() -> None:
    sizes = (20, 50)

    assert cohort_of(0, sizes) == cohort_of(19, sizes) == range(20)
    assert cohort_of(20, sizes) == cohort_of(49, sizes) == range(20, 50)
    # One that somebody else has just asked for is not known here.
    assert cohort_of(50, sizes) == range(50, 51)
