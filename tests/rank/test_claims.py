"""Verdicts follow from points, and from nothing else."""

from collections import Counter

import pytest

from rexpand.rank.claims import CLAIMS
from rexpand.rank.published import READ_OFF_ERRORS, published_points
from rexpand.rank.verdicts import counted_once, printed_verdicts, verdicts
from rexpand.records import LayerPoint

HARM = "drastic expansion harms the rank"
DEPTHWISE = "expansion harms depthwise bottlenecks more than dense ones"
EXPAND = "nonlinearities expand the rank"
SMALL = "they expand it most at small dim_ratios"
BEAT = "ELU and SiLU expand it more than the ReLUs"
FIRST = "ELU and SiLU expand it most of all"
CONVOLUTIONS = "they expand convolutions more than bottlenecks"


def points(curves, half=0.001, structure="conv1x1", other=None):
    """Curves by activation: rank ratios at dim_ratios 0.2 and 1.0."""
    return [
        LayerPoint(
            structure=structure,
            activation=activation,
            dim_ratio=ratio,
            rank_ratio=value,
            ci_low=value - half,
            ci_high=value + half,
            networks=10,
            definitions={} if other is None else {"soft": (other, half)},
        )
        for activation, values in curves.items()
        for ratio, value in zip((0.2, 1.0), values, strict=True)
    ]


def judge(found, claim, definition="numerical"):
    (verdict,) = [
        each
        for each in verdicts(found, "numerical")
        if (each.claim, each.definition) == (claim, definition)
    ]
    return verdict


def test_a_claim_that_is_true_everywhere_holds():
    found = points({"linear": (0.2, 1.0), "relu": (0.8, 0.9), "silu": (0.9, 1.0)})

    for claim in (HARM, SMALL):
        assert judge(found, claim).verdict == "holds"
        assert judge(found, claim).condition == ""


def test_a_gain_at_the_smallest_dim_ratio_says_nothing_of_the_others():
    found = points({"linear": (0.2, 1.0), "relu": (0.8, 0.9), "silu": (0.9, 0.9)})
    found += points(
        {"linear": (0.2, 0.8), "relu": (0.8, 0.9), "silu": (0.9, 0.7)},
        structure="inverted_bottleneck",
    )

    verdict = judge(found, EXPAND)

    # At 1.0 nothing exceeds a linear layer of full rank.
    assert verdict.verdict == "holds only if"
    assert verdict.condition == (
        "conv1x1 at 0.2; inverted_bottleneck with relu, silu at 0.2"
    )
    assert "5 of 8" in verdict.evidence


def test_depthwise_bottlenecks_are_compared_with_dense_ones_below_one():
    found = points({"relu": (0.6, 1.0)}, structure="inverted_bottleneck")
    found += points({"relu": (0.4, 1.0)}, structure="inverted_bottleneck_dw")

    assert judge(found, DEPTHWISE).verdict == "holds"
    assert "1 of 1" in judge(found, DEPTHWISE).evidence
    assert judge(found[::-1], DEPTHWISE).verdict == "holds"


def test_on_one_pixel_a_3x3_convolution_counts_once():
    found = points({"relu": (0.8, 0.9)})
    found += points({"relu": (0.8, 0.9)}, structure="conv3x3")

    once, twice = counted_once(found, 1), counted_once(found, 2)

    assert {each.structure for each in once} == {"conv1x1"}
    assert twice == found
    # Without the 1x1 it is the only one.
    assert counted_once(found[2:], 1) == found[2:]


def test_a_claim_that_is_true_nowhere_does_not_hold():
    found = points({"linear": (0.2, 1.0), "relu": (0.9, 0.8), "silu": (1.0, 0.9)})

    assert judge(found, HARM).verdict == "does not hold"
    assert "0 of 2" in judge(found, HARM).evidence


def test_a_claim_that_is_true_somewhere_says_where():
    found = points({"linear": (0.2, 1.0), "relu": (0.8, 0.9), "silu": (1.0, 0.9)})
    found += points(
        {"linear": (0.2, 1.0), "relu": (0.5, 0.9), "silu": (0.6, 0.9)},
        structure="inverted_bottleneck",
    )

    verdict = judge(found, HARM)

    assert verdict.verdict == "holds only if"
    assert verdict.condition == "conv1x1 with relu; inverted_bottleneck"
    assert judge(found, CONVOLUTIONS).verdict == "holds"


@pytest.mark.parametrize(("half", "name"), [(0.01, "holds"), (0.1, "does not hold")])
def test_a_difference_within_the_intervals_decides_nothing(half, name):
    found = points({"linear": (0.2, 1.0), "relu": (0.8, 0.9)}, half=half)

    assert judge(found, HARM).verdict == name


def test_beating_the_rectifiers_is_less_than_being_first():
    found = points(
        {
            "linear": (0.2, 1.0),
            "relu": (0.8, 1.0),
            "elu": (0.9, 1.0),
            "hard_swish": (0.95, 1.0),
            "silu": (0.97, 1.0),
        }
    )

    assert judge(found, BEAT).verdict == "holds"
    assert judge(found, FIRST).verdict == "does not hold"


def test_each_definition_is_judged_by_its_own_values():
    found = points({"linear": (0.2, 0.8), "relu": (0.8, 0.9)}, other=0.5)

    # Under `soft` every curve is flat.
    assert judge(found, EXPAND).verdict == "holds"
    assert judge(found, EXPAND, "soft").verdict == "does not hold"


def test_a_claim_that_the_points_cannot_decide_has_no_verdict():
    found = points({"relu": (0.8, 0.9)})

    assert {each.claim for each in verdicts(found, "numerical")} == {HARM}
    assert verdicts([], "numerical") == ()


def test_the_printed_figure_itself_contradicts_two_claims():
    found = {each.claim: each for each in printed_verdicts(published_points())}

    # Hard Swish is printed above ELU: "ELU and SiLU most" is not what is drawn. At
    # dim_ratio 1.0 no nonlinear curve is above the linear one.
    assert set(found) == set(CLAIMS)
    assert found.pop(FIRST).verdict == "does not hold"
    expand = found.pop(EXPAND)
    assert expand.verdict == "holds only if"
    assert expand.condition.startswith("conv1x1 at 0.1-0.9; conv3x3 at 0.1-0.9; ")
    assert {each.verdict for each in found.values()} == {"holds"}


def test_every_panel_was_read_off():
    counts = Counter(point.structure for point in published_points())

    assert counts == {
        "conv1x1": 74,
        "conv3x3": 74,
        "inverted_bottleneck": 61,
        "inverted_bottleneck_dw": 56,
    }
    assert set(counts) == set(READ_OFF_ERRORS)
