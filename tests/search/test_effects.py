"""Two-level designs: words, effects, their error and the seeds that they need.

Every number is derived a second time: by least squares on the model's own design
matrix, or by drawing experiments whose truth is known.
"""

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import nctdtr, stdtrit

from rexpand.errors import UnknownNameError
from rexpand.search.effects import estimates, spread, standard_error
from rexpand.search.factorial import Factorial, as_fraction, sign, yates
from rexpand.search.power import needed, power, seeds_needed, told_apart

FULL = Factorial(factors=4)
HALF = Factorial(factors=4, fraction="half")
DESIGNS = [pytest.param(FULL, id="full"), pytest.param(HALF, id="half")]


def drawn(design: Factorial, seeds: int, number: int = 0) -> np.ndarray:
    """Values (cells, seeds) of noise around different cells and different seeds."""
    rng = np.random.default_rng(number)
    cells = len(design.runs)
    return (
        rng.normal(20, 3, (cells, 1))
        + rng.normal(0, 2, (1, seeds))
        + rng.normal(0, 1, (cells, seeds))
    )


def least_squares(design: Factorial, values: np.ndarray) -> tuple[dict, float, int]:
    """Effects, residual variance and its freedom from the matrix of the whole model.

    Its columns are 1, half the sign of every effect, and the seeds but the first.
    """
    cells, seeds = values.shape
    columns = [np.ones(cells * seeds)]
    for word in design.effects:
        signs = [sign(word, run) / 2 for run in design.runs]
        columns.append(np.repeat(signs, seeds))
    for seed in range(1, seeds):
        columns.append(np.tile(np.arange(seeds) == seed, cells).astype(float))
    matrix = np.stack(columns, axis=1)
    solution, *_ = np.linalg.lstsq(matrix, values.ravel())
    freedom = len(matrix) - np.linalg.matrix_rank(matrix)
    residual = values.ravel() - matrix @ solution
    variance = residual @ residual / freedom
    inverse = np.linalg.inv(matrix.T @ matrix)
    found = {
        word: (solution[1 + place], sqrt(variance * inverse[1 + place, 1 + place]))
        for place, word in enumerate(design.effects)
    }
    return found, variance, int(freedom)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_columns_of_the_effects_are_orthogonal_and_balanced(design: Factorial):
    signs = np.array([[sign(w, run) for run in design.runs] for w in design.effects])

    cells = len(design.runs)
    # As many effects as there are cells, but for the mean: nothing is left over.
    assert len(design.effects) == cells - 1
    assert (signs @ signs.T == cells * np.eye(cells - 1)).all()
    assert (signs.sum(axis=1) == 0).all()


def test_a_full_design_has_every_combination_once_in_yates_order() -> None:
    runs = [yates(run) for run in FULL.runs]

    assert runs[:6] == ["(1)", "a", "b", "ab", "c", "ac"]
    assert len({*runs}) == 16
    assert FULL.defining_word == ""
    assert FULL.alias("AB") == ""


def test_a_half_has_the_published_runs_and_aliases_of_2_to_the_4_less_1() -> None:
    # Box, Hunter and Hunter: I = ABCD, resolution IV.
    assert HALF.defining_word == "ABCD"
    assert [yates(run) for run in HALF.runs] == [
        *("(1)", "ab", "ac", "bc", "ad", "bd", "cd", "abcd")
    ]
    aliases = {word: HALF.alias(word) for word in HALF.effects}
    assert aliases == {
        "A": "BCD", "B": "ACD", "C": "ABD", "D": "ABC",
        "AB": "CD", "AC": "BD", "AD": "BC",
    }  # fmt: skip


@pytest.mark.parametrize("factors", range(2, 7))
def test_aliases_have_the_same_sign_in_every_run_and_others_do_not(factors: int):
    design = Factorial(factors=factors, fraction="half")

    columns = {
        word: [sign(word, run) for run in design.runs]
        for order in range(1, factors)
        for word in map("".join, combinations(design.letters, order))
    }

    for word, column in columns.items():
        same = [other for other in columns if columns[other] == column]
        assert sorted(same) == sorted({word, design.alias(word)})


def test_a_fraction_of_no_name_is_refused() -> None:
    assert as_fraction("half") == "half"
    with pytest.raises(UnknownNameError, match="choose from full, half"):
        as_fraction("quarter")


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("seeds", [2, 5])
def test_effects_and_their_errors_are_those_of_least_squares(
    design: Factorial, seeds: int
) -> None:
    values = drawn(design, seeds)

    found = estimates(design, values.tolist(), 0.95)
    error = spread(values)

    theirs, variance, freedom = least_squares(design, values)
    assert error is not None
    assert error.degrees_of_freedom == freedom == (len(design.runs) - 1) * (seeds - 1)
    assert error.residual**2 == pytest.approx(variance)
    for word, (effect, its_error) in theirs.items():
        assert found[word].effect == pytest.approx(effect, abs=1e-9)
        ours = standard_error(error.residual, len(design.runs), seeds)
        assert ours == pytest.approx(its_error)


@given(st.permutations(["A", "B", "C", "D"]), st.floats(-5, 5), st.floats(-5, 5))
def test_an_effect_is_what_a_factor_adds_from_low_to_high(letters, main, both) -> None:
    first, second, *_ = letters
    word = "".join(sorted((first, second)))
    # The first factor adds `main` on average; it adds `both` more when the second is
    # high than when it is low, half of which is the interaction.
    values = [
        [main * sign(first, run) / 2 + both * sign(word, run) / 4] for run in FULL.runs
    ]

    found = estimates(FULL, values, 0.95)

    assert found[first].effect == pytest.approx(main, abs=1e-9)
    assert found[word].effect == pytest.approx(both / 2, abs=1e-9)
    others = [found[each].effect for each in found if each not in (first, word)]
    assert others == pytest.approx([0] * 13, abs=1e-9)


def test_what_all_cells_of_a_seed_share_is_no_error_of_an_effect() -> None:
    values = drawn(FULL, 3)
    shifted = values + np.array([0, 40, -7])

    before, after = (estimates(FULL, v.tolist(), 0.95) for v in (values, shifted))
    spreads = spread(values), spread(shifted)

    # Seeds are blocks: they change neither an effect nor its interval.
    for word in FULL.effects:
        assert after[word].effect == pytest.approx(before[word].effect)
        assert after[word].high == pytest.approx(before[word].high)
    assert spreads[0] is not None
    assert spreads[1] is not None
    assert spreads[1].residual == pytest.approx(spreads[0].residual)
    assert spreads[1].within > 10 * spreads[0].within


def test_one_seed_gives_effects_without_intervals() -> None:
    found = estimates(HALF, [[float(n)] for n in range(8)], 0.95)

    assert spread([[1.0], [2.0]]) is None
    assert {each.low for each in found.values()} == {None}
    assert {each.p_value for each in found.values()} == {None}


def test_the_intervals_hold_the_true_effect_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    inside = trials = 0

    for _ in range(400):
        values = rng.normal(0, 1.3, (8, 3)) + rng.normal(0, 4, (1, 3))
        for each in estimates(HALF, values.tolist(), 0.95).values():
            assert each.low is not None
            assert each.high is not None
            inside += each.low <= 0 <= each.high
            trials += 1

    # 2,800 intervals; those of one experiment share their error, so the standard
    # deviation of the share is at most sqrt(.95 * .05 / 400) = 1.1 %: four of them.
    assert inside / trials == pytest.approx(0.95, abs=0.044)


@pytest.mark.parametrize(("cells", "seeds", "effect"), [(16, 2, 1.0), (8, 4, 1.2)])
def test_the_power_is_the_share_of_drawn_experiments_that_find_the_effect(
    cells: int, seeds: int, effect: float
) -> None:
    design = FULL if cells == 16 else HALF
    rng = np.random.default_rng(2)
    signs = np.array([[sign("A", run)] for run in design.runs])
    draws, found = 1500, 0

    for noise in rng.normal(0, 1, (draws, cells, seeds)):
        values = effect / 2 * signs + noise
        p_value = estimates(design, values.tolist(), 0.95)["A"].p_value
        assert p_value is not None
        found += p_value < 0.05

    # Four standard deviations of a share of 1,500 are at most 5.2 %.
    assert found / draws == pytest.approx(power(effect, 1, cells, seeds), abs=0.052)


@pytest.mark.parametrize("seeds", [2, 3, 10])
@pytest.mark.parametrize("effect", [0.2, 0.5, 1.0])
def test_the_power_is_that_of_the_noncentral_t_distribution(effect, seeds) -> None:
    freedom, shift = 7 * (seeds - 1), effect / standard_error(1, 8, seeds)
    critical = stdtrit(freedom, 0.975)

    upper = 1 - nctdtr(freedom, shift, critical)
    lower = nctdtr(freedom, shift, -critical)

    assert power(effect, 1, 8, seeds) == pytest.approx(upper + lower, abs=1e-4)


@pytest.mark.parametrize("cells", [8, 16])
@pytest.mark.parametrize("effect", [0.25, 0.5, 1.0, 5.0])
def test_the_seeds_needed_are_the_fewest_with_the_power(cells: int, effect: float):
    seeds = seeds_needed(effect, 0.8, cells)

    assert power(effect, 0.8, cells, seeds) >= 0.8
    assert seeds == 2 or power(effect, 0.8, cells, seeds - 1) < 0.8


def test_many_seeds_are_those_of_the_normal_approximation() -> None:
    seeds = seeds_needed(0.1, 1.0, 16)

    # (1.95996 + 0.84162)^2 (2 sigma / effect)^2 / cells, as any table has it.
    assert seeds == pytest.approx((1.95996 + 0.84162) ** 2 * 400 / 16, rel=0.01)


def test_the_least_effect_is_found_with_the_power_asked_for() -> None:
    effect = told_apart(0.7, 16, 3)

    assert power(effect, 0.7, 16, 3) == pytest.approx(0.8)


def test_a_spread_that_is_uncertain_makes_the_seeds_uncertain() -> None:
    few, many = (spread(drawn(FULL, seeds, 5)) for seeds in (2, 40))
    assert few is not None
    assert many is not None

    rough, sure = (needed(0.5, each, 16, 0.95) for each in (few, many))

    assert rough.low < rough.seeds < rough.high
    assert rough.high / rough.low > 2 * sure.high / sure.low
