"""What samplers propose: always within the budget, new, reproducible, and better."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from rexpand.budget import Budget, shape_space
from rexpand.errors import StudyError
from rexpand.search.configuration import Configuration
from rexpand.search.design import StudyDesign, drawn
from rexpand.search.proposals import PROPOSED, Tried, generation
from rexpand.search.sampler import Sampler
from rexpand.spec import network

ADAPTIVE = ("refine", "tpe", "nsga2")
BUDGETS = {
    "macs": Budget(macs=100e6),
    "both": Budget(macs=100e6, params=0.5e6),
    "params": Budget(params=0.5e6),
}
Judge = Callable[[Configuration], float]


@pytest.fixture
def wide(design: StudyDesign) -> StudyDesign:
    """A study of nine blocks, in generations of ten."""
    return replace(
        design,
        spec=network("search_30"),
        budget=BUDGETS["macs"],
        trials=60,
        sampler=Sampler(name="refine", generation=10),
    )


def steepness(configuration: Configuration) -> float:
    """An accuracy that is the higher the more the channels grow, up to tenfold."""
    first, *_, last = configuration.channels
    return 50 + 20 * float(np.log10(min(last / first, 10)))


def told(found: Sequence[Configuration], judge: Judge = steepness) -> list[Tried]:
    """Trials of these configurations, judged without noise."""
    return [
        Tried(
            channels=each.channels,
            macs=each.macs,
            params=each.params,
            accuracy=judge(each),
            accuracies=(judge(each),),
        )
        for each in found
    ]


def generations(design: StudyDesign, count: int) -> list[list[Configuration]]:
    """The first generations of a study."""
    found: list[list[Configuration]] = []
    for _ in range(count):
        before = told([each for one in found for each in one])
        found.append(generation(design, before))
    return found


@pytest.mark.parametrize("bounds", BUDGETS)
@pytest.mark.parametrize("name", ADAPTIVE)
def test_every_proposal_meets_the_budget_and_is_new(
    name: str, bounds: str, wide: StudyDesign
) -> None:
    budget = BUDGETS[bounds]
    sampler = Sampler(name=name, generation=10)  # type: ignore[arg-type]
    design = replace(wide, budget=budget, sampler=sampler, min_width=10, max_growth=8.0)

    first, *later = generations(design, 4)

    random = drawn(design)
    assert [each.channels for each in first] == [*map(tuple, random.channels.tolist())]
    proposed = [each for one in later for each in one]
    assert {each.shape for each in proposed} == {PROPOSED}
    every = np.array([each.channels for each in (*first, *proposed)])
    assert len(np.unique(every, axis=0)) == 40
    shares = budget.shares(budget.prices(design.spec, every))
    # Never above a bound, and within a percent of the one that binds.
    assert shares.max() <= 1
    assert shares.max(axis=0).min() >= 0.99
    assert every.min() >= 10
    assert (every[:, -1] <= 8 * every[:, 0]).all()
    # What is stored of their cost is what they cost.
    prices = budget.prices(design.spec, [each.channels for each in proposed])
    assert [each.macs for each in proposed] == prices.macs.tolist()
    assert [each.params for each in proposed] == prices.params.tolist()


@pytest.mark.parametrize("name", ADAPTIVE)
def test_a_generation_is_a_function_of_the_design_and_the_trials(
    name: str, wide: StudyDesign
) -> None:
    design = replace(wide, sampler=Sampler(name=name, generation=10))  # type: ignore[arg-type]

    once, again = (generations(design, 3) for _ in range(2))
    longer = generations(replace(design, trials=1000), 3)
    other = generations(replace(design, sampling_seed=1), 3)

    assert once == again == longer
    assert once[1] != other[1]


@pytest.mark.parametrize("name", ADAPTIVE)
def test_a_sampler_learns_from_trials(name: str, wide: StudyDesign) -> None:
    design = replace(wide, sampler=Sampler(name=name, generation=20))  # type: ignore[arg-type]

    found = generations(replace(design, budget=BUDGETS["params"]), 5)

    means = [np.mean([trial.accuracy for trial in told(one)]) for one in found]
    # The random mean is 60, the most 70.
    assert means[-1] > means[0] + 3


def test_refinement_comes_nearer_to_the_best(wide: StudyDesign) -> None:
    space = shape_space(wide.spec, wide.budget)

    found = generations(wide, 6)

    def distance(number: int) -> float:
        """The mean way from a generation to its nearest earlier configurations."""
        points = space.points([each.channels for each in found[number]])
        before = space.points([each.channels for one in found[:number] for each in one])
        gaps = np.abs(points[:, None] - before[None]).max(axis=2)
        return float(gaps.min(axis=1).mean())

    assert distance(5) < 0.6 * distance(1)


def test_refinement_knows_what_cannot_be_told_apart() -> None:
    from rexpand.search.refinement import Refinement

    points, rng = np.eye(12), np.random.default_rng(0)
    accuracies = [float(n) for n in range(12)]

    few = Refinement.around(points, accuracies, 0.5, 1, rng)
    some = Refinement.around(points, accuracies, 1.5, 1, rng)
    most = Refinement.around(points, accuracies, None, 1, rng)

    # The best alone, those within the gap, and never more than a quarter.
    assert few.parents.tolist() == points[[11]].tolist()
    assert some.parents.tolist() == points[[11, 10]].tolist()
    assert most.parents.tolist() == points[[11, 10, 9]].tolist()


def test_children_of_nsga2_have_the_numbers_of_their_parents(
    wide: StudyDesign,
) -> None:
    from rexpand.search.optuna_samplers import Asked

    points = np.random.default_rng(0).random((40, 6))
    values = [[float(n)] for n in range(40)]

    sampler = Sampler(name="nsga2", generation=10)
    children = Asked.after(sampler, points, values, seed=0).points(10)

    # Each number is one of the ten best, except for one in six that mutates.
    inherited = np.isclose(children[:, None], points[None, -10:]).any(axis=1)
    assert inherited.mean() > 0.6


def test_nsga2_sees_the_cost_that_no_bound_holds(wide: StudyDesign) -> None:
    sampler = Sampler(name="nsga2", generation=20)

    def params(design: StudyDesign) -> float:
        flat = replace(design, sampler=sampler)
        found: list[Configuration] = []
        for _ in range(6):
            found += generation(flat, told(found, lambda _: 50.0))
        return float(np.median([each.params for each in found[-20:]]))

    # All accuracies are equal: only the params decide, where macs alone are bounded.
    first = float(np.median(drawn(replace(wide, sampler=sampler)).params))
    assert params(wide) < 0.9 * first


def test_a_family_that_has_hardly_more_is_filled_up_at_random(
    design: StudyDesign,
) -> None:
    # Five blocks in multiples of 8 within both bounds have few configurations.
    few = replace(
        design,
        spec=network("search_18"),
        budget=Budget(macs=30e6, params=205e3),
        multiple_of=4,
        slack=0.2,
        trials=30,
        sampler=Sampler(name="refine", generation=10),
    )

    found = [each.channels for one in generations(few, 3) for each in one]

    assert len(set(found)) == 30


def test_a_pruned_trial_has_the_accuracy_at_which_it_stopped(
    wide: StudyDesign,
) -> None:
    trials = told(generation(wide, []))
    pruned = [replace(each, accuracy=0.0, accuracies=()) for each in trials[1:]]

    found = generation(wide, [trials[0], *pruned])

    assert len(found) == 10


@pytest.mark.parametrize("trials", [1, 20])
def test_a_study_of_one_generation_is_refused(trials: int, design: StudyDesign) -> None:
    with pytest.raises(StudyError, match=f"trials is {trials}, and the first 20 are a"):
        replace(design, trials=trials, sampler=Sampler(name="tpe"))


def test_an_unknown_sampler_is_refused() -> None:
    with pytest.raises(StudyError, match="name 'grid' is unknown; choose from random"):
        Sampler(name="grid")  # type: ignore[arg-type]


def test_halving_compares_the_trials_of_a_generation(wide: StudyDesign) -> None:
    # A trial that waits for one that is not proposed yet would wait for ever.
    assert replace(wide, trials=25).cohorts == (10, 20, 25)
    assert replace(wide, trials=30).cohorts == (10, 20, 30)
    assert replace(wide, sampler=Sampler(), earlier_trials=(7,)).cohorts == (7, 60)
