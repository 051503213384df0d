"""The front of a study: what the seeds leave open, and how studies compare."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from finished_trial import FINISHED
from rexpand.records import TrialSummary
from rexpand.search.domination import hypervolumes
from rexpand.search.fronts import Reference, differences, drawn_front, reference_of

NAMES = ("macs",)


def trial(number: int, accuracies: Sequence[float], macs: int) -> TrialSummary:
    mean = sum(accuracies) / len(accuracies)
    own = tuple(accuracies)
    return replace(FINISHED, number=number, accuracies=own, accuracy=mean, macs=macs)


def made_up(
    rng: np.random.Generator, count: int, noise: float, seeds: int = 3
) -> tuple[list[TrialSummary], np.ndarray]:
    """Trials whose accuracy rises with macs, and their accuracies without noise."""
    macs = rng.integers(30_000, 100_000, count)
    true = 70 + 6 * np.log(macs / 1e5) + rng.normal(0, 0.8, count)
    found = true[:, None] + rng.normal(0, noise, (count, seeds))
    rows = zip(found.tolist(), macs.tolist(), strict=True)
    return [trial(n, *row) for n, row in enumerate(rows)], true


def test_the_front_is_listed_from_the_cheapest_on() -> None:
    trials = [
        trial(0, [50], 100),
        trial(1, [60], 300),
        trial(2, [55], 200),
        trial(3, [54], 250),
        trial(4, [49], 100),
    ]

    drawn = drawn_front(trials, NAMES)

    assert drawn is not None
    assert [row.trial for row in drawn.front.trials] == [0, 2, 1]
    # One seed says nothing of other seeds.
    assert drawn.front.rivals == ()
    assert drawn.front.trials[0].front_share is None
    assert drawn.front.hypervolume.low is None
    # The least accuracy and the highest cost; 1 point from 100 on, 6 from 200 on.
    point = drawn.front.hypervolume
    assert (point.reference_accuracy, point.reference_costs) == (49, (300,))
    assert point.value == pytest.approx((1 + 6) / 3)


def test_what_the_seeds_do_not_tell_apart_is_a_rival() -> None:
    near = [50.0, 50.4, 49.6]
    trials = [
        trial(0, near, 100),
        trial(1, [x - 0.05 for x in reversed(near)], 100),
        trial(2, [x - 9 for x in near[1:] + near[:1]], 100),
        trial(3, [x + 9 for x in near], 200),
    ]

    drawn = drawn_front(trials, NAMES)

    assert drawn is not None
    front = drawn.front
    assert [row.trial for row in front.trials] == [0, 3]
    # Nearly as accurate at the same cost; nine points less is never on the front.
    assert [row.trial for row in front.rivals] == [1]
    shares = [row.front_share for row in (*front.trials, *front.rivals)]
    assert shares[1] == 1.0
    assert shares[0] + shares[2] == pytest.approx(1, abs=0.02)


def test_the_same_study_has_the_same_front() -> None:
    trials, _ = made_up(np.random.default_rng(0), 20, 0.5)

    first, second = drawn_front(trials, NAMES), drawn_front(trials, NAMES)

    assert first is not None
    assert second is not None
    assert first.front == second.front


def test_the_interval_holds_the_hypervolume_without_noise() -> None:
    rng = np.random.default_rng(1)
    reference = Reference(accuracy=60, costs=(1e5,))
    held = 0
    for _ in range(40):
        trials, true = made_up(rng, 40, 0.6)
        drawn = drawn_front(trials, NAMES, reference)
        costs = np.array([[float(each.macs)] for each in trials])
        (truth,) = hypervolumes(true[:, None], costs, 60, [1e5])
        assert drawn is not None
        found = drawn.front.hypervolume
        assert found.low is not None
        assert found.high is not None
        held += found.low <= truth <= found.high

    # Of 95 %, over 40 studies; the percentile interval would hold it in half of them.
    assert held >= 33


def test_studies_are_compared_at_one_point_with_an_interval() -> None:
    rng = np.random.default_rng(2)
    worse, _ = made_up(rng, 30, 0.3)
    better = [
        trial(each.number, [x + 3 for x in each.accuracies], each.macs)
        for each in worse
    ]
    point = reference_of([*worse, *better], NAMES)
    drawn = [
        drawn_front(each, NAMES, point, seed=n)
        for n, each in enumerate((better, worse))
    ]

    (found,) = differences([(n, d) for n, d in zip("ab", drawn, strict=True) if d])

    assert (found.first, found.second) == ("a", "b")
    assert found.difference > 1
    assert found.low is not None
    assert found.low > 0


def test_trials_without_a_cost_are_not_compared() -> None:
    known = replace(trial(0, [50], 100), predicted_latency_ms=1.0)

    drawn = drawn_front([known, trial(1, [60], 100)], ("predicted_latency_ms",))

    assert drawn is not None
    assert drawn.front.candidates == 1
    assert drawn_front([trial(1, [60], 100)], ("predicted_latency_ms",)) is None
    assert drawn_front([], NAMES) is None
