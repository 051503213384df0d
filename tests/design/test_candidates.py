"""Networks of the catalogue that fill a budget, at sizes that suit the images."""

import re
from dataclasses import replace

import pytest

from designed import LOOK
from rexpand.budget import Budget
from rexpand.cost import cost_of
from rexpand.design.candidates import (
    FAMILIES,
    candidate_of,
    candidates_at,
    sizes_for,
    spec_of,
)
from rexpand.errors import BudgetError
from rexpand.records.design import DesignSize
from rexpand.spec import network

BUDGET = Budget(macs=20e6)
DIGITS = replace(LOOK, name="digits", has_files=False, channels=1, classes=10, side=8)
AT_96 = DesignSize(form="imagenet", resolution=96)


@pytest.mark.parametrize(
    "budget", [BUDGET, Budget(params=1e6), Budget(macs=30e6, params=900e3)], ids=str
)
def test_candidates_are_within_the_budget_and_use_it(budget: Budget) -> None:
    found = [*candidates_at(AT_96, LOOK, budget)]

    assert len(found) >= 2
    for each in found:
        cost = cost_of(spec_of(each, LOOK))
        assert (cost.macs, cost.params) == (each.macs, each.params)
        assert 0.9 <= budget.fill(cost)[0] <= 1


def test_a_candidate_is_its_family_scaled_as_a_whole() -> None:
    found = candidate_of("mobilenetv2_100", AT_96, LOOK, BUDGET)
    assert found is not None
    own = network("mobilenetv2_100", width_mult=found.width_mult).channels

    # One factor for all blocks, but for rounding to whole channels.
    factors = [ours / theirs for ours, theirs in zip(found.channels, own, strict=True)]
    assert max(factors) - min(factors) < 0.15
    assert spec_of(found, LOOK).num_classes == 12


def test_small_images_keep_their_size_in_the_first_layers() -> None:
    first, *others = sizes_for(DIGITS, Budget(macs=400e3))

    assert first == DesignSize(form="cifar", resolution=8)
    assert all(size.form == "cifar" for size in others)


def test_photographs_are_never_enlarged_much() -> None:
    sizes = sizes_for(replace(LOOK, side=100), BUDGET)

    assert all(size.resolution <= 115 for size in sizes)


def test_a_larger_budget_takes_larger_images() -> None:
    small, large = (sizes_for(LOOK, Budget(macs=m))[0] for m in (10e6, 100e6))

    assert small.form == large.form == "imagenet"
    assert small.resolution < large.resolution


def test_where_no_family_fits_the_smallest_is_named() -> None:
    with pytest.raises(BudgetError) as refused:
        sizes_for(LOOK, Budget(macs=10e3))

    found = re.search(r"such as (\w+) at .*, need ([\d.,]+) times", str(refused.value))
    assert found
    assert found[1] in {name for names in FAMILIES.values() for name in names}
    # With as much as it says, and a little for rounding, there is a design.
    assert sizes_for(LOOK, Budget(macs=10e3 * float(found[2].replace(",", "")) * 1.5))
