import pytest

from rexpand.report import formats


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (398_370_392, "398.4M"),
        (4_796_873, "4.80M"),
        (203_940, "203.9k"),
        (999_960, "1.00M"),
        (999_960_000, "1.00B"),
        (512, "512"),
        (0, "0"),
    ],
)
def test_a_count_has_the_unit_and_digits_that_papers_print(number, written):
    assert formats.count(number) == written


def test_a_spread_is_written_in_the_unit_of_its_mean():
    written = formats.count_spread(30_000_000, 1_000_000)

    # 1 M beside 30 M reads as a thirtieth; 1.00M or 1000k would not.
    assert written == "30.0M ± 1.0M"


def test_a_single_value_has_no_spread():
    # No "± 0.0": nothing is known of it.
    assert formats.percent_spread(63.14, None) == "63.1"
    assert formats.count_spread(30_000_000, None) == "30.0M"


def test_a_p_value_is_never_smaller_than_its_permutations_can_show():
    # No regrouping of a thousand reached the distance: p is below 0.001, not zero.
    assert formats.p_value(0.0, 1000) == "p < 0.001"
    assert formats.p_value(0.012, 1000) == "p = 0.012"


def test_a_budget_without_bounds_says_so():
    assert formats.budget({}) == "none"
    assert formats.budget({"macs": 30e6, "params": 200e3}) == "30M macs and 200k params"
    assert formats.budget({"memory_access": 1.5e6, "latency_ms": 3.0}) == (
        "1.5M memory access and 3 ms predicted"
    )


def test_a_duration_is_in_the_unit_that_a_reader_would_choose():
    written = [formats.duration(seconds) for seconds in (42, 210, 130_320)]

    assert written == ["42 s", "3.5 min", "36.2 h"]


def test_a_small_probability_is_never_written_as_none():
    written = [formats.probability(value) for value in (0.4, 0.0123, 0.0004, 0.0)]

    assert written == ["0.400", "0.012", "< 0.001", "< 0.001"]
