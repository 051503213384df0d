"""A search within a predicted latency: its bound, its trials, its page, its resume."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.budget import Budget, Latency
from rexpand.errors import BudgetError, StudyError
from rexpand.report import study_page
from rexpand.search.design import StudyDesign, create_study, read_study
from rexpand.search.driver import search
from rexpand.search.summary import summarise
from rexpand.search.workers import InProcess, Nobody
from tabled import counted_ms, counting_latency


@pytest.fixture(scope="module")
def latency(design: StudyDesign) -> Latency:
    return counting_latency(design.spec)


@pytest.fixture(scope="module")
def bounded(design: StudyDesign, latency: Latency) -> StudyDesign:
    """The small study, with a latency besides the macs that binds for some trials."""
    budget = Budget(macs=500_000, latency_ms=0.028, latency=latency)
    recipe = replace(design.recipe, nuclear_norm=False).with_epochs(1)
    return replace(design, budget=budget, recipe=recipe, seeds=1)


@pytest.fixture(scope="module")
def finished(bounded: StudyDesign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("studies") / "bounded"
    create_study(bounded, folder)
    search(bounded, folder, InProcess(), Nobody())
    return folder


def test_every_trial_has_a_predicted_latency_within_the_bound(
    finished: Path, bounded: StudyDesign
) -> None:
    summary = summarise(finished)

    for trial in summary.trials:
        predicted = counted_ms(bounded.spec.with_channels(trial.channels))
        assert trial.predicted_latency_ms == pytest.approx(predicted)
        assert trial.predicted_latency_ms <= 0.028
        assert trial.macs <= 500_000
    assert summary.budget_latency_ms == 0.028
    assert summary.latency is not None
    assert summary.latency.table == "counting"


def test_the_design_comes_back_with_its_table(
    finished: Path, bounded: StudyDesign
) -> None:
    # A resume needs no file but the study's.
    assert read_study(finished) == bounded


def test_another_table_is_another_study(
    finished: Path, bounded: StudyDesign, latency: Latency
) -> None:
    other = replace(bounded.budget, latency=replace(latency, table="another"))

    with pytest.raises(
        StudyError, match=r"latency\.table is 'counting', asked for 'another'"
    ):
        create_study(replace(bounded, budget=other), finished)


def test_a_table_for_other_images_leaves_no_study(
    bounded: StudyDesign, latency: Latency, tmp_path: Path
) -> None:
    larger = latency.network.for_images(resolution=16, in_channels=1)
    budget = replace(bounded.budget, latency=replace(latency, network=larger))

    with pytest.raises(BudgetError, match="resolution is 16, asked for 8"):
        create_study(replace(bounded, budget=budget), tmp_path / "study")

    assert not (tmp_path / "study").exists()


def test_the_page_says_that_latency_is_predicted_and_for_what(finished: Path) -> None:
    page = study_page(summarise(finished))

    assert "500k macs and 0.028 ms predicted" in page
    assert "counting on none, 1 thread, batch size 1; table counting" in page
    assert "Accuracy against predicted latency" in page
    assert "Their latency was not measured" in page
    assert ">Latency (ms)<" in page


def test_a_study_without_a_table_shows_no_latency(finished: Path) -> None:
    bare = summarise(finished)
    trials = tuple(replace(each, predicted_latency_ms=None) for each in bare.trials)
    bare = replace(bare, latency=None, budget_latency_ms=None, correlations={})

    page = study_page(replace(bare, trials=trials))

    assert "Latency" not in page
    assert "predicted latency" not in page
