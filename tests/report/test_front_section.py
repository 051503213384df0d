"""The words, the table and the figures of a front."""

from dataclasses import replace

import pytest

from rexpand.records import (
    FrontComparison,
    HypervolumeDifference,
    MedianSpread,
    StudyFront,
    StudyLatency,
    StudySummary,
    TrialLatency,
)
from rexpand.report import charts, front_findings, front_rows, fronts_findings
from rexpand.report.front_rows import difference_finding
from rexpand.report.fronts_page import fronts_figure, fronts_page
from rexpand.report.measured_section import measured_findings


def spread(ms: float) -> MedianSpread:
    return MedianSpread(
        median=ms,
        low=0.98 * ms,
        high=1.02 * ms,
        least=0.99 * ms,
        most=1.01 * ms,
        count=12,
    )


MEASURED = StudyLatency(
    runtime="onnxruntime",
    threads=1,
    batch_size=1,
    rounds=12,
    cpu="EPYC",
    reference=0,
    reference_ms=spread(0.5),
    trials=2,
    most_ms=0.6,
    over=1,
    batches=4,
    disturbed=1,
    problems=("other processes used 40 % of the processors",),
    seconds=9.0,
)


def test_the_front_is_said_in_four_sentences(study: StudySummary) -> None:
    assert study.front is not None
    front = replace(study.front, spans=(0.5,))

    members, knee, volume = front_findings(front)

    assert members.startswith(f"Of 100 trials, {len(front.trials)} are on the front of")
    assert "(1,000 resamples of the residuals)" in members
    assert knee.startswith(("Its knee is trial", "The front has no knee"))
    assert "Its reference point is an accuracy of 61." in volume
    assert "points (95 % interval" in volume


def test_a_cost_that_the_budget_fixes_is_warned_of(study: StudySummary) -> None:
    assert study.front is not None

    warning, *_ = front_findings(replace(study.front, spans=(0.99,)))

    assert (
        "differ in activations by 1.0 % at most, so this front says little" in warning
    )


def test_one_seed_claims_nothing_of_other_seeds(study: StudySummary) -> None:
    assert study.front is not None
    volume = replace(study.front.hypervolume, low=None, high=None)
    bare = tuple(
        replace(r, front_share=None, knee_share=None) for r in study.front.trials
    )
    front = replace(
        study.front,
        resamples=0,
        hypervolume=volume,
        trials=bare,
        rivals=(),
        spans=(0.5,),
    )

    members, _, said = front_findings(front)

    assert "With one seed per trial nothing tells" in members
    assert "interval" not in said
    assert {row.front_share for row in front_rows(front)} == {""}


def test_a_difference_names_the_larger_first() -> None:
    found = HypervolumeDifference(
        first="a", second="b", difference=-1.5, low=-2.5, high=-0.5
    )

    assert difference_finding(found) == (
        "b has a hypervolume 1.50 points larger than a (95 % interval 0.50 to 2.50), "
        "more than other seeds would readily change."
    )
    unsure = difference_finding(replace(found, high=0.5))
    assert "(95 % interval -0.50 to 2.50), no more than other seeds" in unsure
    assert "nothing tells whether by chance" in difference_finding(
        replace(found, low=None, high=None)
    )


@pytest.mark.parametrize("names", [("activations",), ("activations", "params")])
def test_the_fronts_of_studies_have_a_page(
    study: StudySummary, names: tuple[str, ...]
) -> None:
    assert study.front is not None
    both = replace(
        study.front,
        costs=names,
        trials=tuple(
            replace(r, costs=r.costs * len(names)) for r in study.front.trials
        ),
        rivals=(),
        hypervolume=replace(
            study.front.hypervolume,
            reference_costs=study.front.hypervolume.reference_costs * len(names),
        ),
        spans=study.front.spans * len(names),
    )
    found = FrontComparison(
        studies=tuple(
            StudyFront(
                study=name,
                network="n",
                data="d",
                front=both,
                provenances=study.provenances,
            )
            for name in "ab"
        ),
        differences=(
            HypervolumeDifference(
                first="a", second="b", difference=0.1, low=-0.1, high=0.3
            ),
        ),
    )

    figure = fronts_figure(found)
    page = fronts_page(found, figure)

    # With one cost a front is a line, with two it is points.
    marks = {layer["mark"]["type"] for layer in figure.spec["layer"]}
    assert ("line" in marks) == (len(names) == 1)
    assert "from 61." in fronts_findings(found)[0]
    assert '<h2 id="study-1-title">b</h2>' in page


def test_the_figure_of_two_costs_colours_by_the_second(study: StudySummary) -> None:
    front = study.front
    assert front is not None
    both = replace(front, costs=("activations", "params"))

    one = charts.study_front(study.trials, front).to_dict()
    two = charts.study_front(study.trials, both).to_dict()

    assert [layer["mark"]["type"] for layer in one["layer"]][:2] == ["line", "circle"]
    assert two["layer"][0]["encoding"]["color"]["title"] == "Params"


def test_measured_latency_is_said_with_its_machine_and_what_disturbed_it(
    study: StudySummary,
) -> None:
    slow = replace(
        study.trials[1],
        is_feasible=False,
        latencies=(TrialLatency(runtime="onnxruntime", latency_ms=spread(0.8)),),
    )
    summary = replace(study, trials=(study.trials[0], slow), measured=(MEASURED,))

    said = " ".join(measured_findings(summary, MEASURED))

    assert (
        "2 trials of 2 ran under onnxruntime with 1 thread and batch size 1 on EPYC"
        in said
    )
    assert "is 2.0 % of it wide" in said
    assert "1 trial is above the bound of 0.6 ms, and therefore in no group" in said
    assert "not steady during 1 of 4 batches (other processes used 40 %" in said
