import math
from dataclasses import dataclass
from typing import Annotated

import pytest

from rexpand.allowed import Range, check_fields
from rexpand.errors import MistakeError, SpecError
from rexpand.ranges import LEARNING_RATE, RATE, RESOLUTION, WIDTH


@dataclass(frozen=True, kw_only=True)
class Layer:
    width: Annotated[int, WIDTH]
    hidden: Annotated[int, WIDTH] | None = None
    stages: tuple[Annotated[int, WIDTH], ...] = ()
    dropout: Annotated[float, RATE] = 0.0


@pytest.mark.parametrize("value", [1, 224, 8192])
def test_the_ends_of_a_range_are_in_it(value):
    assert value in RESOLUTION


@pytest.mark.parametrize(
    "value",
    [0, -1, 8193, 10**40, math.nan, math.inf, 224.0, True, "224", None, [224]],
)
def test_what_is_outside_or_of_another_type_is_not_in_a_range(value):
    assert value not in RESOLUTION


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf, True, "0.1", None])
def test_a_range_of_numbers_leaves_out_its_open_end_and_what_is_no_number(value):
    assert value not in LEARNING_RATE


def test_a_whole_number_is_in_a_range_of_numbers():
    assert 1 in LEARNING_RATE
    assert 0 in RATE
    assert 1 not in RATE


def test_a_refusal_names_the_value_and_what_to_give():
    with pytest.raises(SpecError) as refused:
        RESOLUTION.check("resolution", 1_000_000_000, SpecError)

    assert str(refused.value) == "resolution is 1000000000; give 1 to 8192"


@pytest.mark.parametrize(
    ("allowed", "value", "clause"),
    [
        (RESOLUTION, True, "is True; give a whole number, 1 to 8192"),
        (RESOLUTION, "224", "is '224'; give a whole number, 1 to 8192"),
        (RESOLUTION, math.nan, "is nan; give a whole number, 1 to 8192"),
        (RATE, 1.0, "is 1.0; give at least 0 and less than 1"),
        (LEARNING_RATE, math.inf, "is inf; give more than 0 and at most 1000"),
        (Range(least=0, most=1, is_whole=False), "x", "is 'x'; give a number, 0 to 1"),
        pytest.param(
            *(WIDTH, 10**5000, "is a number of 5001 digits; give 1 to 2000000"),
            id="endless",
        ),
    ],
)
def test_a_clause_says_what_is_wrong_with_a_value(allowed, value, clause):
    assert allowed.clause(value) == clause


def test_a_dataclass_has_its_fields_checked_where_it_is_made():
    check_fields(Layer(width=8, stages=(8, 16)), SpecError)

    # An optional field may be None; every number of a tuple is checked.
    for layer, message in [
        (Layer(width=0), "width is 0; give 1 to 2000000"),
        (Layer(width=8, hidden=10**12), "hidden is 1000000000000; give 1 to 2000000"),
        (Layer(width=8, stages=(8, 0)), "stages is 0; give 1 to 2000000"),
        (Layer(width=8, dropout=2), "dropout is 2; give at least 0 and less than 1"),
    ]:
        with pytest.raises(MistakeError, match=message):
            check_fields(layer, SpecError)
