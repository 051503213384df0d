"""Latency as a bound: solved, sampled and refused as macs and params are."""

from dataclasses import replace

import numpy as np
import pytest

from rexpand.budget import Budget, nearest, sample, solve
from rexpand.budget.quadratic import quadratics
from rexpand.cost import cost_of, costs_of, section_costs
from rexpand.errors import BudgetError
from rexpand.spec import network, relaxed
from tabled import counted_ms, counting_latency

SPEC = network("search_18").with_classes(10)
OWN_MS = counted_ms(SPEC)


def bounded(share: float, **bounds: float) -> Budget:
    """A budget of a share of the network's own latency, and other bounds."""
    latency = counting_latency(SPEC)
    return Budget(latency_ms=share * OWN_MS, latency=latency, **bounds)


def test_the_costs_of_the_sections_add_up_to_the_network():
    for name in ("search_18", "squeezenet1_1", "mobilenetv3_small_100"):
        spec = network(name)
        found = section_costs(spec, [spec.channels])

        total = sum((cost.macs for cost in found.values()), 0)
        assert np.ravel(total).tolist() == [cost_of(spec).macs]
        assert next(iter(found)) == "stem"
        assert list(found)[-1] == "head"


def test_a_prediction_is_the_sum_of_the_sections():
    latency = counting_latency(SPEC)

    found = latency.predicted_ms(SPEC, [SPEC.channels, [8, 16, 24, 32, 40]])

    thin = SPEC.with_channels([8, 16, 24, 32, 40])
    assert found.tolist() == pytest.approx([OWN_MS, counted_ms(thin)])


def test_a_prediction_is_a_quadratic_along_a_line():
    shapes = np.array([[0.0, 0.25, 0.5, 0.75, 1.0]])
    latency = counting_latency(SPEC)

    budget = Budget(latency_ms=OWN_MS, latency=latency)
    surface = quadratics(SPEC, shapes, budget)["latency_ms"].of(0)

    for slope, intercept in ((0, 5), (40, 16), (123.4, 7.5)):
        row = slope * shapes + intercept
        expected = latency.predicted_ms(relaxed(SPEC), row)[0]
        assert surface.at(slope, intercept) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("share", [0.9, 1.0, 1.5])
def test_the_solver_fills_a_bound_on_latency(share):
    solution = solve(SPEC, bounded(share))

    assert solution.latency_ms == pytest.approx(counted_ms(solution.spec))
    # Never above the bound, and full as with macs.
    assert 0.99 * share * OWN_MS <= solution.latency_ms <= share * OWN_MS
    assert solution.fill == pytest.approx(solution.latency_ms / (share * OWN_MS))


def test_the_tighter_of_latency_and_macs_binds():
    macs = cost_of(SPEC).macs

    by_latency = solve(SPEC, bounded(0.9, macs=2 * macs))
    by_macs = solve(SPEC, bounded(2.0, macs=macs))

    assert by_latency.spec == solve(SPEC, bounded(0.9)).spec
    assert by_macs.spec == solve(SPEC, Budget(macs=macs)).spec
    assert by_macs.latency_ms == pytest.approx(counted_ms(by_macs.spec))


def test_latency_lowers_the_line_that_macs_and_params_give():
    counts = {"macs": 30e6, "params": 0.25e6}
    free = solve(SPEC, Budget(**counts))
    share = 0.98 * counted_ms(free.spec) / OWN_MS

    solution = solve(SPEC, bounded(share, **counts))

    assert solution.relaxed.intercept == free.relaxed.intercept
    assert solution.relaxed.slope < free.relaxed.slope
    assert 0.99 * share * OWN_MS <= solution.latency_ms <= share * OWN_MS


def test_every_configuration_of_a_sample_fills_the_bound_on_latency():
    budget = bounded(0.9)

    drawn = sample(SPEC, budget, 40, seed=0)

    predicted = [counted_ms(SPEC.with_channels(row)) for row in drawn.channels.tolist()]
    assert drawn.latency_ms.tolist() == pytest.approx(predicted)
    assert max(predicted) <= budget.latency_ms
    assert min(predicted) >= 0.99 * budget.latency_ms
    assert len(set(drawn.shapes)) == 5


def test_a_sample_is_within_macs_and_latency_and_fills_one_of_them():
    budget = bounded(1.0, macs=cost_of(SPEC).macs)

    drawn = sample(SPEC, budget, 40, seed=0)

    shares = np.stack([drawn.macs / budget.macs, drawn.latency_ms / budget.latency_ms])
    assert shares.max() <= 1
    assert shares.max(axis=0).min() >= 0.99
    # Each of the two binds somewhere.
    assert set(shares.argmax(axis=0)) == {0, 1}


def test_with_three_bounds_latency_leaves_configurations_out():
    counts = {"macs": 30e6, "params": 0.25e6}
    free = sample(SPEC, Budget(**counts), 40, seed=0)
    rows = [counted_ms(SPEC.with_channels(row)) for row in free.channels.tolist()]
    share = float(np.median(rows)) / OWN_MS

    drawn = sample(SPEC, bounded(share, **counts), 20, seed=0)

    assert drawn.latency_ms.max() <= share * OWN_MS
    cost = costs_of(SPEC, drawn.channels)
    latencies = drawn.latency_ms / (share * OWN_MS)
    filled = np.max([cost.macs / 30e6, cost.params / 0.25e6, latencies], axis=0)
    assert ((filled >= 0.99) & (filled <= 1)).all()


def test_a_table_without_a_bound_only_predicts():
    latency = counting_latency(SPEC)

    with_table = sample(SPEC, Budget(macs=30e6, latency=latency), 10, seed=0)
    without = sample(SPEC, Budget(macs=30e6), 10, seed=0)

    assert with_table.channels.tolist() == without.channels.tolist()
    assert without.latency_ms is None
    assert len(with_table.latency_ms) == 10


def test_a_bound_on_latency_needs_a_table():
    with pytest.raises(BudgetError, match="latency_ms is 3 without a latency table"):
        Budget(latency_ms=3)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (SPEC.for_images(resolution=8, in_channels=3), "resolution is 32, asked for 8"),
        (SPEC.with_classes(100), "num_classes is 10, asked for 100"),
        (network("search_30"), "with 5 blocks, and search_30 has 9"),
    ],
)
def test_a_table_of_another_network_is_refused(other, words):
    with pytest.raises(BudgetError, match=words):
        solve(other, bounded(1.0))
    with pytest.raises(BudgetError, match=words):
        sample(other, bounded(1.0), 3, seed=0)


def test_what_changes_no_time_makes_no_other_network():
    other = replace(SPEC, name="mine", drop_path=0.1, norm_eps=1e-3)
    other = replace(other, head=replace(other.head, dropout=0.5))

    assert (
        solve(other, bounded(1.0)).spec.channels
        == solve(SPEC, bounded(1.0)).spec.channels
    )


def test_a_bound_that_was_not_measured_is_refused():
    latency = counting_latency(SPEC, least_ms=2.0, most_ms=3.0)

    # Quotes what was measured.
    with pytest.raises(BudgetError, match=r"latency_ms is 4, .* networks of 2 to 3 ms"):
        solve(SPEC, Budget(latency_ms=4, latency=latency))


def test_channels_in_other_multiples_than_measured_are_refused():
    latency = replace(counting_latency(SPEC), multiple_of=8)
    budget = Budget(latency_ms=OWN_MS, latency=latency)

    with pytest.raises(
        BudgetError, match="multiples of 8, and multiple_of is 1; give 8"
    ):
        solve(SPEC, budget)
    assert all(
        width % 16 == 0 for width in solve(SPEC, budget, multiple_of=16).spec.channels
    )


def test_a_bound_below_the_thinnest_network_is_refused():
    with pytest.raises(
        BudgetError, match=r"needs at least 0\.\d+ ms of predicted latency"
    ):
        solve(SPEC, bounded(0.01))


def test_the_nearest_channels_are_found_for_counts_alone():
    with pytest.raises(BudgetError, match="are found for macs and params"):
        nearest(SPEC, SPEC.channels, bounded(1.0))
