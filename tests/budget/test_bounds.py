import numpy as np
import pytest

from rexpand.budget import Budget, sample, solve
from rexpand.cost import Cost
from rexpand.errors import BudgetError


def test_a_budget_has_the_bounds_that_are_set():
    assert Budget(macs=3).bounds == {"macs": 3}
    assert Budget(params=2).bounds == {"params": 2}
    assert Budget(memory_access=5, activations=4).bounds == {
        "activations": 4,
        "memory_access": 5,
    }
    assert Budget(params=2, macs=3).bounds == {"macs": 3, "params": 2}


def test_the_fill_is_the_share_of_the_tightest_bound():
    budget = Budget(macs=100, params=10)

    fill = budget.fill(Cost(macs=np.array([50, 90, 110]), params=np.array([8, 1, 1])))

    # Up to 1 is within the budget.
    assert fill.tolist() == [0.8, 0.9, 1.1]


def test_a_single_cost_has_a_single_fill():
    assert Budget(macs=100).fill(Cost(macs=50)).tolist() == [0.5]


def test_a_budget_without_bounds_is_refused():
    with pytest.raises(
        BudgetError, match="the budget is empty; give macs, params or both"
    ):
        Budget()


@pytest.mark.parametrize("bound", [0, -1, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["macs", "params", "activations", "memory_access"])
def test_a_bound_is_a_positive_number(name, bound):
    # The message quotes it.
    with pytest.raises(BudgetError, match=f"{name} is {bound:g}; give more than 0"):
        Budget(**{name: bound})


@pytest.mark.parametrize("asked", [300e6, None, {"macs": 300e6}])
def test_what_is_no_budget_is_told_how_to_be_one(asked):
    # A number alone does not say of what.
    with pytest.raises(BudgetError, match=r"is no budget; .* Budget\(macs=300e6\)"):
        solve("rexnet_100", asked)
    with pytest.raises(BudgetError, match="is no budget"):
        sample("rexnet_100", asked, 3, seed=0)
