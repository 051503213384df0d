"""A rank is worth its cost only where it says more than counting does."""

from rexpand.report.correlation_findings import counting_finding


def test_the_stronger_one_comes_first_whatever_its_sign():
    text = counting_finding({"params": -0.8, "macs": 0.1, "nuclear_norm": 0.5}, 17)

    assert text.startswith("Counting params orders these 17 by accuracy better than")
    assert "the nuclear norm does (-0.80 against +0.50)" in text
    # 1.96 / sqrt(17 - 1).
    assert "±0.49" in text


def test_a_rank_may_win():
    text = counting_finding({"macs": 0.1, "effective_rank": 0.9}, 30)

    assert text.startswith("The effective rank orders these 30")


def test_nothing_is_said_of_what_was_not_measured():
    assert counting_finding({"params": 0.5}, 30) == ""
    assert counting_finding({"nuclear_norm": 0.5}, 30) == ""
    assert counting_finding({"params": 0.5, "nuclear_norm": 0.5}, 2) == ""
