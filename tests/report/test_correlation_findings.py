"""A rank is worth its cost only where it says more than counting does."""

from rexpand.report.correlation_findings import (
    chance_level,
    correlations_section,
    counting_finding,
)


def test_the_stronger_one_comes_first_whatever_its_sign():
    text = counting_finding({"params": -0.8, "macs": 0.1, "nuclear_norm": 0.5}, 17)

    assert text.startswith("Counting params orders these 17 by accuracy better than")
    assert "the nuclear norm does (-0.80" in text
    assert text.endswith("(-0.80 against +0.50; chance ±0.49).")


def test_what_chance_alone_gives_orders_nothing():
    text = counting_finding({"params": -0.5, "effective_rank": -0.32}, 12)

    assert text.startswith("Neither counting params nor the effective rank orders")
    assert "(-0.50 and -0.32; chance ±0.59)" in text


def test_every_correlation_stands_beside_the_level_of_chance():
    section = correlations_section({"params": -0.5, "macs": 0.7}, 12, "training")

    assert "<dt>params</dt><dd>-0.50, within chance</dd>" in section
    assert "<dt>macs</dt><dd>+0.70, chance ±0.59</dd>" in section
    assert "over 12 trainings" in section
    assert correlations_section({}, 12, "training") == ""


def test_the_level_of_chance_is_that_of_a_normal_law():
    # 1.96 / sqrt(17 - 1); no two values can correlate by more than 1.
    assert chance_level(17) == 0.49
    assert chance_level(2) == chance_level(1) == 1


def test_a_rank_may_win():
    text = counting_finding({"macs": 0.1, "effective_rank": 0.9}, 30)

    assert text.startswith("The effective rank orders these 30")


def test_nothing_is_said_of_what_was_not_measured():
    assert counting_finding({"params": 0.5}, 30) == ""
    assert counting_finding({"nuclear_norm": 0.5}, 30) == ""
    assert counting_finding({"params": 0.5, "nuclear_norm": 0.5}, 2) == ""
