"""The sentences on the noise of a ranking and on the shapes of a study."""

from dataclasses import replace

from rexpand.records import Interval, StudySummary
from rexpand.report import study_page
from rexpand.report.findings import line_finding
from rexpand.report.ranking_section import noise_findings, shapes_finding


def test_the_noise_is_said_in_four_sentences(study: StudySummary) -> None:
    assert study.noise is not None
    noise = replace(
        study.noise,
        tau=Interval(mean=0.62, low=0.5, high=0.74, count=100),
        between_trials=0.8,
        spread=replace(study.noise.spread, residual=0.6),
        reliability=0.84,
        smallest_difference=0.97,
        smallest_gap=1.6,
        near_best=1,
        told_apart=1.4,
    )

    order, variance, differences, power = noise_findings(noise)

    assert "tau = 0.62 (95 % interval 0.50 to 0.74, mean over 3 pairs" in order
    assert "0.80 points, the seeds of one with 0.60. So 84 % of" in variance
    assert (
        "from 0.97 points on (95 %). The best one was chosen among 100" in differences
    )
    assert "from 1.60 points on: one other trial is nearer" in differences
    assert power.startswith(
        "A new comparison of just two configurations, with 3 seeds each"
    )
    assert "are needed to tell 0.3 points apart" in power


def test_shapes_that_differ_are_named_with_the_better_first(
    study: StudySummary,
) -> None:
    first = study.shape_comparisons[0]
    alike = tuple(replace(each, adjusted=0.5) for each in study.shape_comparisons)
    worse = replace(
        first, first="linear", second="convex", difference=-0.4, adjusted=0.012
    )

    none = shapes_finding(replace(study, shape_comparisons=alike))
    one = shapes_finding(replace(study, shape_comparisons=(worse, *alike[1:])))

    assert none.startswith("Of 3 pairs of shapes none differs in mean accuracy")
    assert "convex beats linear by 0.40 points (p = 0.012 over all pairs)" in one


def test_a_study_of_one_seed_says_nothing_of_the_ranking(study: StudySummary) -> None:
    page = study_page(replace(study, noise=None, seeds=1))

    assert "How far to trust the ranking" not in page
    assert "Each configuration was trained with one seed" in page


def test_the_line_of_a_group_has_its_interval(study: StudySummary) -> None:
    top = study.groups[0]

    said = line_finding(top)

    assert said.startswith(f"The line of the top group has slope {top.slope:.2f} (95 %")
