"""Measured latency: of every configuration, in turns, resumed, as a bound."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from made_up_study import make_study
from rexpand.cost import cost_of
from rexpand.errors import MistakeError, StudyError, UnknownNameError
from rexpand.records import StudySummary
from rexpand.report import study_page
from rexpand.search.design import StudyDesign, create_study
from rexpand.search.driver import search
from rexpand.search.front_comparison import compared_fronts
from rexpand.search.latency_design import latency_folder
from rexpand.search.measured import Measurement, above_a_bound
from rexpand.search.measuring import Asked, StudyClock
from rexpand.search.objectives import objectives_of
from rexpand.search.summary import summarise
from rexpand.search.winner import knee_of, winner
from rexpand.search.workers import InProcess, Nobody
from simulated import Simulated

ACCURACIES = [(60.0, 61.0), (62.0, 63.5), (61.0, 61.0), (64.0, 64.5)]
Measure = Callable[..., Measurement]


def simulated() -> Simulated:
    """A millisecond for each element of memory access in ten thousand."""
    return Simulated(lambda spec: cost_of(spec).memory_access / 1e7)


def measured(study: Path, **asked: float) -> Measurement:
    with StudyClock(study, simulated(), Asked(rounds=2, threads=1, **asked)) as clock:
        clock.measure(lambda done: None)
        return clock.measurement


@pytest.fixture
def study(design: StudyDesign, tmp_path: Path) -> Path:
    return make_study(design, tmp_path / "study", ACCURACIES)


def test_a_finished_study_gets_a_measured_latency_of_every_trial(
    study: Path, design: StudyDesign
) -> None:
    found = measured(study)

    summary = summarise(study)
    for trial in summary.trials:
        spec = design.spec.with_channels(trial.channels)
        (own,) = trial.latencies
        # What the device takes, and what the closed form says.
        assert own.latency_ms.median == pytest.approx(
            1e3 * cost_of(spec).memory_access / 1e7
        )
        assert trial.memory_access == cost_of(spec).memory_access
        assert trial.activations == cost_of(spec).activations
    assert found.summary == summary.measured[0]
    assert (summary.measured[0].trials, summary.measured[0].rounds) == (4, 2)
    # It is then what accuracy is weighed against.
    assert summary.front is not None
    assert summary.front.costs == ("latency_ms:simulated",)
    assert "Measured latency" in study_page(summary)


def test_a_stopped_measurement_goes_on(
    study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rexpand.search.measuring._TOGETHER", 1)
    done: list[int] = []

    def stop(count: int) -> None:
        done.append(count)
        if len(done) == 2:
            raise KeyboardInterrupt

    with (
        pytest.raises(KeyboardInterrupt),
        StudyClock(study, simulated(), Asked(rounds=2, threads=1)) as clock,
    ):
        clock.measure(stop)
    with StudyClock(study, simulated(), Asked()) as clock:
        left = clock.left()
        clock.measure(done.append)

    # Two were done, and the settings are those that it began with.
    assert left == [2, 3]
    assert sum(done) == 4
    assert measured(study).design.rounds == 2


def test_a_bound_takes_trials_out_of_the_ranking_and_can_be_moved(study: Path) -> None:
    all_ms = sorted(each.median for each in measured(study).latencies.values())
    bound = (all_ms[-2] + all_ms[-1]) / 2

    found = measured(study, most_ms=bound)
    summary = summarise(study)
    (over,) = found.over
    slow = summary.trials[over]

    assert (slow.is_feasible, slow.group) == (False, None)
    assert summary.measured[0].over == 1
    assert sum(trial.is_ranked for trial in summary.trials) == 3
    assert "1 trial is above the bound of" in study_page(summary)
    assert "above the bound" in study_page(summary)
    # It stays for later commands, and another bound takes its place.
    assert above_a_bound(study) == {over}
    assert measured(study, most_ms=2 * all_ms[-1]).over == set()


def test_what_is_above_the_bound_is_never_trained(
    design: StudyDesign, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    once = replace(design, seeds=1, recipe=design.recipe.with_epochs(1))
    create_study(once, folder)
    all_ms = sorted(each.median for each in measured(folder).latencies.values())
    found = measured(folder, most_ms=(all_ms[0] + all_ms[1]) / 2)

    search(once, folder, InProcess(), Nobody())

    summary = summarise(folder)
    trained = {each.number for each in summary.trials if each.accuracies}
    assert trained == set(range(4)) - found.over
    assert len(trained) == 1
    assert [each.state for each in summary.trials].count("pruned") == 3
    assert "3 were for that reason never trained" in study_page(summary)
    assert winner(folder)[1].channels == summary.trials[trained.pop()].channels


def test_another_machine_or_setting_is_refused_in_one_line(study: Path) -> None:
    measured(study)
    folder = latency_folder(study, "simulated")
    elsewhere = replace(folder.read(), cpu="Another CPU")

    with pytest.raises(StudyError, match="rounds is 2, asked for 3"):
        StudyClock(study, simulated(), Asked(rounds=3)).__enter__()
    folder.change(elsewhere, summarise_provenance(study))

    with pytest.raises(StudyError, match="cpu is 'Another CPU', asked for"):
        StudyClock(study, simulated(), Asked()).__enter__()


def summarise_provenance(study: Path) -> object:
    from rexpand.search.design import design_provenance

    return design_provenance()


def test_the_latency_of_another_study_is_refused(
    study: Path, design: StudyDesign, tmp_path: Path
) -> None:
    measured(study)
    other = make_study(replace(design, sampling_seed=1), tmp_path / "other", ACCURACIES)
    (study / "latency").rename(other / "latency")

    with pytest.raises(StudyError, match="other channels; delete that folder"):
        summarise(other)


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        (["mac"], UnknownNameError, "unknown objective 'mac'; the nearest are macs"),
        (["latency_ms"], StudyError, "was not measured; run `rexpand search measure"),
        (["latency_ms:torch"], StudyError, "under torch was not measured"),
        (["predicted_latency_ms"], StudyError, "designed without a latency table"),
        (["macs", "macs"], MistakeError, "give one cost or two different ones"),
        (
            ["macs", "params", "activations"],
            MistakeError,
            "are macs, params, activations",
        ),
    ],
)
def test_an_objective_that_is_not_there_is_one_line(
    study: Path, asked: list[str], error: type[Exception], said: str
) -> None:
    summary: StudySummary = summarise(study)

    with pytest.raises(error, match=said):
        objectives_of(asked, summary)


def test_the_knee_is_exported_or_its_absence_explained(study: Path) -> None:
    costs = sorted(summarise(study).trials, key=lambda each: each.activations)
    front = summarise(study, ["activations"]).front

    assert front is not None
    assert costs
    if front.knee is None:
        with pytest.raises(StudyError, match="in activations has no knee: "):
            knee_of(study, ["activations"])
    else:
        assert knee_of(study, ["activations"]) == front.knee


def test_fronts_are_compared_at_one_point(
    study: Path, design: StudyDesign, tmp_path: Path
) -> None:
    lower = [[value - 5 for value in own] for own in ACCURACIES]
    other = make_study(design, tmp_path / "other", lower)

    found = compared_fronts([study, other], ["activations", "params"])

    first, second = (each.front.hypervolume for each in found.studies)
    assert first.reference_accuracy == second.reference_accuracy == 55.5
    assert first.reference_costs == second.reference_costs
    assert found.differences[0].difference == pytest.approx(first.value - second.value)
    assert first.value > second.value


def test_studies_of_other_data_are_not_compared(
    study: Path, design: StudyDesign, tmp_path: Path
) -> None:
    other = make_study(replace(design, data="cifar10"), tmp_path / "other", ACCURACIES)

    with pytest.raises(StudyError, match="study is of digits and other of cifar10"):
        compared_fronts([study, other])
