from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from torchvision.models._utils import _make_divisible

from rexpand.spec.rounding import divided, nearest_multiple, shared

WIDTHS = st.integers(1, 40_000).map(lambda tenths: tenths / 10)
MULTIPLES = st.integers(1, 32)


@given(width=WIDTHS, multiple_of=MULTIPLES)
def test_a_multiple_is_never_below_nine_tenths_of_the_width(width, multiple_of):
    rounded = nearest_multiple(width, multiple_of)

    assert rounded % multiple_of == 0
    assert rounded >= max(multiple_of, 0.9 * width)


@given(width=WIDTHS, multiple_of=MULTIPLES)
def test_the_rule_is_that_of_torchvision(width, multiple_of):
    # Theirs truncates the width after adding half a multiple; odd multiples differ.
    assume(multiple_of % 2 == 0 or width % 1 == 0)
    assert nearest_multiple(width, multiple_of) == _make_divisible(width, multiple_of)


@given(widths=st.lists(WIDTHS, min_size=1), multiple_of=st.integers(0, 32))
def test_a_column_rounds_as_its_numbers_do(widths, multiple_of):
    column = nearest_multiple(np.array(widths), multiple_of)

    assert column.tolist() == [nearest_multiple(width, multiple_of) for width in widths]


@given(width=st.integers(1, 5000), divisor=st.integers(1, 20), multiple_of=MULTIPLES)
def test_a_quotient_is_floored_before_it_is_rounded(width, divisor, multiple_of):
    # Half of a whole quotient is no matter of floats.
    quotient = max(1, width // divisor)
    assert divided(width, divisor, multiple_of) == nearest_multiple(
        quotient, multiple_of
    )
    column = divided(np.array([float(width)]), divisor, multiple_of)
    assert column[0] == divided(width, divisor, multiple_of)


@given(width=WIDTHS, divisor=st.integers(1, 20))
def test_a_multiple_of_zero_rounds_nothing(width, divisor):
    # The relaxation that the solver works with.
    assert nearest_multiple(width, 0) == width
    assert abs(Fraction(divided(width, divisor, 0)) * divisor - Fraction(width)) < 1e-9


@given(
    width=st.integers(1, 5000),
    shares=st.lists(st.integers(1, 900), min_size=1, max_size=5).map(tuple),
)
def test_shares_add_up_and_leave_none_out(width, shares):
    parts = shared(width, shares, 1)

    assert sum(parts) == width
    assert all(part >= 1 for part in parts[1:])
    # Where the shares are whole, each has its own.
    assert shared(sum(shares), shares, 1) == shares


@given(
    width=st.integers(1, 5000),
    shares=st.lists(st.integers(1, 900), min_size=1, max_size=5).map(tuple),
)
def test_relaxed_shares_are_exact(width, shares):
    parts = shared(width, shares, 0)

    assert sum(parts) == pytest.approx(width)
    assert parts == pytest.approx([width * share / sum(shares) for share in shares])
