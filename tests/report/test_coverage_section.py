"""The words under the table of what a study drew."""

from dataclasses import replace

from rexpand.records import StudySummary
from rexpand.report import study_page
from rexpand.report.coverage_section import balance


def test_the_page_says_whether_the_shapes_are_balanced(study: StudySummary) -> None:
    lacking = ("only 9 of 20 linear configurations were found",)
    light = replace(study.trials[0], weight=0.5)

    even = balance(study)
    lines = balance(replace(study, shortfalls=lacking))
    uneven = balance(
        replace(study, shortfalls=lacking, trials=(light, *study.trials[1:]))
    )

    assert even == "Every shape has its share, and fills the budget."
    assert lines == "Only 9 of 20 linear configurations were found."
    assert "weights from 0.50 to 1.00" in uneven


def test_the_page_has_what_was_drawn_before_a_trial_is_finished(
    study: StudySummary,
) -> None:
    waiting = tuple(
        replace(trial, state="waiting", accuracy=None) for trial in study.trials
    )

    page = study_page(replace(study, trials=waiting, groups=(), tests=(), front=None))

    assert '<h2 id="coverage-title">What was drawn</h2>' in page
    assert "Growth that was drawn" in page
