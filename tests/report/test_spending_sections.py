"""The sentences on short trainings and on proxies, and the sections that hold them."""

from dataclasses import replace

import pytest

from rexpand.records import (
    Interval,
    Provenance,
    ProxyComparison,
    ProxyScores,
    RankingError,
    ShortTraining,
    StoppingOutcome,
    StudySummary,
)
from rexpand.report import proxy_findings, pruning_findings, study_page


def interval(mean: float, low: float, high: float) -> Interval:
    return Interval(mean=mean, low=low, high=high, count=100)


MEDIAN = StoppingOutcome(
    rule="median",
    rungs=(),
    orders=100,
    best_stopped=0.12,
    top_stopped=0.2,
    points_lost=0.31,
    epochs_saved=0.4,
)
HALVING = StoppingOutcome(
    rule="halving",
    rungs=(3, 10),
    orders=1,
    best_stopped=1.0,
    top_stopped=0.5,
    points_lost=0.8,
    epochs_saved=0.61,
)
ERROR = RankingError(
    rule="none",
    epochs=30,
    trials=tuple(range(100)),
    stopped=0,
    short=(
        ShortTraining(epochs=1, tau=interval(0.21, 0.05, 0.37)),
        ShortTraining(epochs=10, tau=interval(0.5, 0.4, 0.6)),
        ShortTraining(epochs=30, tau=interval(0.85, 0.8, 0.9)),
    ),
    outcomes=(MEDIAN, HALVING),
)


def proxy(
    name: str, tau: Interval, margin: Interval | None, *, is_counted: bool = False
) -> ProxyScores:
    return ProxyScores(
        name=name,  # type: ignore[arg-type]
        is_counted=is_counted,
        scores=(1.0, 2.0),
        tau=tau,
        margin=margin,
        agreement=None if is_counted else 0.5,
        seconds=0.0 if is_counted else 0.25,
    )


@pytest.fixture
def proxies(study: StudySummary) -> ProxyComparison:
    provenance: Provenance = study.provenances[0]
    return ProxyComparison(
        study="table3-a",
        data="CIFAR-100",
        resolution=32,
        images=128,
        initialisations=(0, 1, 2),
        seeds=3,
        trials=(0, 1),
        accuracies=(61.0, 62.0),
        params=(100_000, 130_000),
        macs=(29_900_000, 30_000_000),
        proxies=(
            proxy("params", interval(0.1, -0.1, 0.3), None, is_counted=True),
            proxy("macs", interval(0.0, -0.2, 0.2), None, is_counted=True),
            proxy("synflow", interval(0.5, 0.4, 0.6), interval(0.4, 0.1, 0.6)),
            proxy("naswot", interval(0.1, 0.0, 0.2), interval(0.0, -0.2, 0.2)),
            proxy(
                "nuclear_norm", interval(-0.4, -0.5, -0.3), interval(-0.5, -0.7, -0.3)
            ),
        ),
        seed_tau=0.62,
        training_seconds=1800.0,
        provenance=provenance,
    )


def test_a_study_without_pruning_says_what_each_rule_would_have_done() -> None:
    measured, agreement, median, halving = pruning_findings(ERROR)

    assert measured.startswith("No trial was stopped early, so 100 trials in full tell")
    assert "after 1 epoch 0.21 (0.05 to 0.37) and after 10 epochs 0.50" in agreement
    assert "After all 30 of the first seed it is 0.85" in agreement
    assert "in the mean of 100 random orders it would have saved 40 %" in median
    assert "20 % of the best tenth, and the best trial in 12 % of the orders" in median
    assert "goes on after epoch 3 and 10) would have saved 61 %" in halving
    assert "stopped 50 % of the best tenth, the best trial with it: the best" in halving
    assert "the best one left is 0.80 points below the best" in halving


def test_a_study_with_pruning_names_the_trials_that_were_spared() -> None:
    outcome = replace(HALVING, best_stopped=0.0, top_stopped=0.0, points_lost=0.0)
    pruned = replace(
        ERROR, rule="halving", stopped=60, trials=(3, 7), short=(), outcomes=(outcome,)
    )

    measured, halving = pruning_findings(pruned)

    assert "Successive halving stopped 60 trials. One trial in five" in measured
    assert "whatever the rule says: 3 and 7 so far" in measured
    assert "saved 61 % of the study's epochs" in halving
    assert "it would have stopped none of the best tenth" in halving


def test_proxies_are_told_by_whether_they_beat_counting(
    proxies: ProxyComparison,
) -> None:
    verdict, baselines, limits = proxy_findings(proxies)

    assert "synflow (+0.40, +0.10 to +0.60) tells of accuracy more than" in verdict
    assert "nuclear norm (-0.50, -0.70 to -0.30) tells of accuracy less" in verdict
    assert "for naswot (+0.00, -0.20 to +0.20) no difference" in verdict
    # 130 of 100 thousand params, 30 of 29.9 million macs.
    assert "differ in params by 30.0 % and macs by 0.3 %" in baselines
    assert "leaves macs next to nothing to tell" in baselines
    assert "alike by tau = 0.62" in limits
    assert "takes 0.25 s to 0.25 s for a configuration" in limits
    assert "training of 3 seeds took 30.0 min" in limits


def test_the_page_has_both_sections_where_there_is_something_to_tell(
    study: StudySummary, proxies: ProxyComparison
) -> None:
    bare = study_page(study)
    page = study_page(replace(study, ranking_error=ERROR, proxies=proxies))

    assert "What short trainings tell" not in bare
    assert 'id="proxies"' not in bare
    assert "What short trainings tell" in page
    assert "a training that is stopped has not come down yet" in page
    assert 'id="proxies"' in page
    assert page.count('data-chart="short_training"') == 1
    assert page.count('data-chart="proxies"') == 1


def test_an_interval_without_ends_is_no_proxy() -> None:
    lacking = Interval(mean=0.1, low=None, high=None, count=1)

    with pytest.raises(ValueError, match="an interval of synflow has no ends"):
        proxy("synflow", lacking, None)
