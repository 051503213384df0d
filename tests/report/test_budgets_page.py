"""Studies of one network within several budgets, on one page."""

from dataclasses import replace

import pytest

from rexpand.errors import StudyError
from rexpand.records import BudgetComparison, StudySummary
from rexpand.report import budget_rows, budgets_page, shape_budget_rows
from rexpand.report.budget_findings import finding
from rexpand.search.budgets import compare_studies, side_by_side


@pytest.fixture(scope="module")
def found(build) -> BudgetComparison:
    """The larger budget first, and more accurate by one point."""
    small = replace(build(60, 0), name="small", budget_macs=20_000_000)
    trials = tuple(replace(each, accuracy=each.accuracy + 1) for each in small.trials)
    large = replace(small, name="large", budget_macs=30_000_000, trials=trials)
    return side_by_side([large, small])


def test_studies_stand_in_the_order_of_their_budgets(found) -> None:
    rows = budget_rows(found)

    assert [row.study for row in rows] == ["small", "large"]
    assert [row.budget for row in rows] == [
        "20M macs and 200k params",
        "30M macs and 200k params",
    ]
    # The line of the paper's top group, with the interval of the bootstrap.
    assert rows[0].slope == "6.10 (5.20 to 7.00)"
    assert rows[0].intercept == "34.7 (32.7 to 36.7)"


def test_every_shape_is_compared_with_lines_within_each_budget(found) -> None:
    rows = shape_budget_rows(found)

    assert len(rows) == 2 * len({row.shape for row in rows})
    for row in rows:
        # Lines are not compared with themselves.
        assert (row.shape == "linear") == (row.difference == "")
    assert finding(found).count("within") == 2


def test_the_page_has_both_figures_and_every_study(found) -> None:
    page = budgets_page(found)

    assert '"channels_by_budget"' in page
    assert '"shapes_by_budget"' in page
    for text in ("small", "large", "Linear less it"):
        assert text in page


def test_equal_budgets_are_told_apart_by_name(build) -> None:
    studies = [replace(build(30, 0), name=name) for name in ("first", "second")]

    rows = budget_rows(side_by_side(studies))

    assert [row.budget[-8:] for row in rows] == [" (first)", "(second)"]


def test_other_recipes_are_said(build) -> None:
    study = build(30, 0)
    other = replace(study, name="other", seeds=1, recipe=study.recipe.with_epochs(5))

    found = side_by_side([study, other])

    assert found.differences == (
        "table3-a has 3 and other 1 seeds a trial",
        "the recipes of table3-a and other differ in epochs",
    )
    assert "accuracies cannot be compared" in budgets_page(found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"network": "search_30"}, "the network of table3-a is five inverted"),
        ({"data": "digits"}, "the data set of table3-a is CIFAR-100, and"),
    ],
)
def test_studies_of_other_networks_or_data_are_refused(build, change, said) -> None:
    study: StudySummary = build(30, 0)

    with pytest.raises(StudyError, match=said):
        side_by_side([study, replace(study, name="other", **change)])


@pytest.mark.parametrize(
    ("folders", "said"),
    [(["a"], "1 of the two studies"), (["a", "b", "a"], "a is given twice")],
)
def test_one_study_or_one_that_is_given_twice_is_refused(folders, said) -> None:
    with pytest.raises(StudyError, match=said):
        compare_studies(folders)
