"""A figure as printed: its value and its rounding, and what decides a verdict."""

import pytest

from rexpand.errors import RecordError
from rexpand.ledger.figure import half_unit, rounds_to, value_of
from rexpand.ledger.row import Row, counted, signed
from rexpand.records import Interval


@pytest.mark.parametrize(
    ("printed", "value", "half"),
    [
        ("4.8M", 4_800_000, 50_000),
        ("0.40B", 400_000_000, 5_000_000),
        ("77.9", 77.9, 0.05),
        ("34M", 34_000_000, 500_000),
    ],
)
def test_a_printed_figure_has_a_value_and_a_rounding(printed, value, half):
    assert float(value_of(printed)) == value
    assert float(half_unit(printed)) == half


@pytest.mark.parametrize("text", ["", "M", "four", "nanM"])
def test_what_is_no_figure_is_refused(text):
    with pytest.raises(ValueError, match="is no figure"):
        value_of(text)


def test_a_count_holds_if_it_rounds_to_the_printed_digits():
    # 398.4M is printed as 0.40B, and 34.71M is not printed as 34M.
    assert rounds_to(398_370_392, "0.40B")
    assert counted("x1.0", "0.40B", 398_370_392, "macs").verdict == "holds"
    assert counted("x3.0", "34M", 34_708_792, "params").verdict == "does not hold"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.1, 2.0, "holds"),
        (-2.0, -0.1, "does not hold"),
        (-1.0, 1.0, "undecided"),
        (None, None, "undecided"),
    ],
)
def test_an_effect_holds_if_its_whole_interval_has_the_sign(low, high, verdict):
    mean = 0.0 if low is None else (low + high) / 2
    measured = Interval(mean=mean, low=low, high=high, count=3)

    assert signed("gain", "+4.1", measured, "points").verdict == verdict


def test_a_verdict_that_is_no_word_of_the_ledger_is_refused():
    with pytest.raises(RecordError, match="verdict"):
        Row(name="a", printed="1", unit="", verdict="maybe")
