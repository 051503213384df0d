"""The grid search for the bases of compound scaling: equal macs, the winner, resume."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rexpand.cost import cost_of
from rexpand.errors import BudgetError, StudyError
from rexpand.recipe import RECIPES
from rexpand.search.scaling import (
    ScalingDesign,
    create_scaling,
    run_scaling,
    scaling_candidates,
    summarise_scaling,
)
from rexpand.search.workers import InProcess
from rexpand.spec import Source, doublings, scalable

TINY = "search_18:width_mult=0.2,resolution=8,in_channels=1,num_classes=10"


class Heard:
    """A progress that remembers which trainings ended."""

    def __init__(self) -> None:
        self.trials: list[int] = []

    def begin(self, *, trials: int, finished: int, seeds: int) -> None:
        self.trials = []

    def end_trial(self, number: int, accuracy: float | None) -> None:
        self.trials.append(number)


def design(seeds: int = 2) -> ScalingDesign:
    macs, candidates = scaling_candidates(scalable(Source.parse(TINY)), 1.0, 2)
    return ScalingDesign(
        network=TINY,
        phi=1.0,
        macs=macs,
        candidates=candidates,
        recipe=RECIPES["digits"].with_epochs(1),
        data="digits",
        seeds=seeds,
        train_subset=100,
    )


@given(parts=st.integers(1, 12))
def test_every_rule_of_the_grid_doubles_the_macs(parts: int) -> None:
    rules = doublings(parts)

    # arXiv 1905.11946, Section 3.3: alpha beta^2 gamma^2 = 2, none of them below 1.
    assert [rule.growth for rule in rules] == pytest.approx([2.0] * len(rules))
    assert all(min(rule.alpha, rule.beta, rule.gamma) >= 1 for rule in rules)
    assert len(set(rules)) == len(rules) == (parts + 1) * (parts + 2) // 2


@pytest.mark.parametrize("name", ["search_18", "efficientnet_b0", "rexnet_100"])
def test_candidates_fill_the_same_macs(name: str) -> None:
    base = scalable(Source.parse(name))

    macs, candidates = scaling_candidates(base, 1.0, 3)

    assert macs == 2 * cost_of(base.source.known_spec()).macs
    costs = [cost_of(each.spec).macs for each in candidates]
    # Never above; below by what a step of a width to a multiple of 8 leaves at most.
    assert max(costs) <= macs
    assert min(costs) > 0.8 * macs
    assert len({each.spec for each in candidates}) == len(candidates)
    sides = {each.spec.side for each in candidates}
    assert len(sides) > 1


def test_a_network_of_one_width_cannot_fill_them() -> None:
    with pytest.raises(BudgetError, match="exceeds the budget even at a quarter"):
        scaling_candidates(scalable(Source.parse("search_18:width_mult=0.02")), 1.0, 2)


def test_the_candidate_with_the_highest_mean_wins(tmp_path: Path) -> None:
    asked = create_scaling(design(), tmp_path)
    heard = Heard()

    found = run_scaling(asked, tmp_path, InProcess(), heard)

    means = [row.accuracy.mean for row in found.rows if row.accuracy]
    assert found.winner == means.index(max(means))
    assert len(heard.trials) == 2 * len(asked.candidates)
    # How far the others are behind, seed by seed; the winner is behind nobody.
    for place, row in enumerate(found.rows):
        assert (row.behind is None) == (place == found.winner)
        if row.behind is not None:
            assert row.behind.mean == pytest.approx(max(means) - means[place])
    assert 0 <= found.ties < len(found.rows)
    saved = json.loads((tmp_path / "summary.json").read_text())
    assert saved["winner"] == found.winner


def test_a_search_goes_on_with_the_seeds_that_are_missing(tmp_path: Path) -> None:
    first = run_scaling(
        create_scaling(design(seeds=1), tmp_path), tmp_path, InProcess(), Heard()
    )
    heard = Heard()

    grown = create_scaling(design(seeds=2), tmp_path)
    second = run_scaling(grown, tmp_path, InProcess(), heard)

    assert len(heard.trials) == len(grown.candidates)
    for before, after in zip(first.rows, second.rows, strict=True):
        assert after.accuracies[:1] == before.accuracies


def test_nothing_trained_is_a_plan_without_a_winner(tmp_path: Path) -> None:
    found = summarise_scaling(design(), tmp_path)

    assert found.winner is None
    assert found.ties == 0
    assert all(row.accuracy is None for row in found.rows)


def test_another_search_in_the_folder_is_refused(tmp_path: Path) -> None:
    create_scaling(design(), tmp_path)
    macs, candidates = scaling_candidates(scalable(Source.parse(TINY)), 2.0, 2)
    other = ScalingDesign(
        network=TINY,
        phi=2.0,
        macs=macs,
        candidates=candidates,
        recipe=RECIPES["digits"].with_epochs(1),
        data="digits",
        seeds=2,
    )

    with pytest.raises(
        StudyError, match="holds a search for a scaling with other settings"
    ):
        create_scaling(other, tmp_path)
