"""A search loses nothing, repeats nothing, and does not depend on where it runs."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.errors import StudyError
from rexpand.records import StudySummary
from rexpand.search.design import (
    StudyDesign,
    create_study,
    drawn,
    extend_study,
    read_study,
    study_folder,
)
from rexpand.search.driver import search
from rexpand.search.sampler import Sampler
from rexpand.search.stored import read_trials
from rexpand.search.summary import summarise
from rexpand.search.table import read_table, summary_of, table_of, write_table
from rexpand.search.winner import winner
from rexpand.search.workers import InProcess, in_processes


class Memory:
    """Remembers what a search tells."""

    def __init__(self) -> None:
        self.finished = -1
        self.ended: list[int] = []

    def begin(self, *, trials: int, finished: int, seeds: int) -> None:
        self.finished = finished

    def end_trial(self, number: int, accuracy: float | None) -> None:
        self.ended.append(number)

    def fail_trial(self, number: int, reason: str) -> None:
        raise AssertionError(reason)

    def tell(self, message: str) -> None: ...


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture(scope="module")
def finished(design: StudyDesign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study that nobody disturbed."""
    folder = tmp_path_factory.mktemp("studies") / "undisturbed"
    create_study(design, folder)
    search(design, folder, InProcess(), Memory())
    return folder


def outcome(summary: StudySummary) -> list[tuple[object, ...]]:
    return [
        (t.number, t.channels, t.accuracies, t.nuclear_norm) for t in summary.trials
    ]


def test_every_configuration_is_trained_for_every_seed(
    finished: Path, design: StudyDesign
) -> None:
    trials = summarise(finished).trials

    assert [trial.state for trial in trials] == ["complete"] * design.trials
    assert all(trial.seeds == (0, 1) for trial in trials)
    # Seeds are not copies of each other.
    assert any(len(set(trial.accuracies)) > 1 for trial in trials)
    # The accuracy of a trial is the mean over its seeds.
    for trial in trials:
        assert trial.accuracy == pytest.approx(sum(trial.accuracies) / 2)


def test_a_table_has_the_statistics_of_its_study(
    finished: Path, tmp_path: Path
) -> None:
    write_table(table_of([finished]), tmp_path / "table.parquet")

    table = read_table(tmp_path / "table.parquet")

    # From its rows alone, number by number; what stopping would do needs the design.
    whole = replace(summarise(finished), ranking_error=None)
    assert summary_of(table, finished.name) == whole


def test_a_table_takes_random_samples_alone(
    design: StudyDesign, tmp_path: Path
) -> None:
    tpe = replace(design, trials=30, sampler=Sampler(name="tpe", generation=10))
    create_study(tpe, tmp_path / "study")

    with pytest.raises(StudyError, match="was searched by tpe"):
        table_of([tmp_path / "study"])


def test_a_study_is_in_a_table_once(finished: Path) -> None:
    with pytest.raises(StudyError, match="two studies are called undisturbed"):
        table_of([finished, finished])


def test_every_configuration_is_within_the_budget(
    finished: Path, design: StudyDesign
) -> None:
    for trial in summarise(finished).trials:
        assert design.budget.macs is not None
        assert 0.99 * design.budget.macs <= trial.macs <= design.budget.macs


def test_a_finished_study_is_not_run_again(
    finished: Path, design: StudyDesign, memory: Memory
) -> None:
    before = {path: path.read_bytes() for path in finished.rglob("record.json")}

    search(design, finished, InProcess(), memory)

    assert (memory.finished, memory.ended) == (design.trials, [])
    assert {p: p.read_bytes() for p in finished.rglob("record.json")} == before


def test_two_processes_give_the_numbers_of_one(
    finished: Path, design: StudyDesign, tmp_path: Path, memory: Memory
) -> None:
    folder = tmp_path / "study"
    create_study(design, folder)

    search(design, folder, in_processes(2, threads=1), memory)

    assert outcome(summarise(folder)) == outcome(summarise(finished))


def test_only_one_driver_searches(design: StudyDesign, tmp_path: Path) -> None:
    folder = tmp_path / "study"
    create_study(design, folder)

    with (
        study_folder(folder).locked(),
        pytest.raises(StudyError, match="another process"),
    ):
        search(design, folder, InProcess(), Memory())


def test_a_torn_line_of_the_journal_never_happened(
    finished: Path, design: StudyDesign, tmp_path: Path, memory: Memory
) -> None:
    folder = tmp_path / "study"
    create_study(design, folder)
    whole = (finished / "journal.log").read_bytes()
    # The journal of a driver that died while it wrote its last line.
    (folder / "journal.log").write_bytes(whole[: whole.rfind(b"\n", 0, -1) + 20])

    search(design, folder, InProcess(), memory)

    assert [trial.state for trial in summarise(folder).trials] == ["complete"] * 4


@pytest.mark.kernels
def test_pruning_stops_trials_below_the_median(
    design: StudyDesign, tmp_path: Path, memory: Memory
) -> None:
    folder = tmp_path / "study"
    # Enough to learn from: at chance, a trial's best epoch is above any median. After
    # that each of nine trials may fall, and all but never none does.
    learning = replace(
        design, recipe=design.recipe.with_epochs(4), train_subset=300, seeds=1
    )
    pruning = replace(learning, pruning="median", trials=14)
    create_study(pruning, folder)

    search(pruning, folder, InProcess(), memory)

    trials = summarise(folder).trials
    states = [trial.state for trial in trials]
    # The first five are never pruned, and of the rest some fall below their median.
    assert states[:5] == ["complete"] * 5
    assert states.count("pruned") >= 1
    assert all(t.accuracy is None for t in trials if t.state == "pruned")


def test_an_extended_study_keeps_its_trials_and_gets_more(
    finished: Path, design: StudyDesign, tmp_path: Path, memory: Memory
) -> None:
    folder = tmp_path / "study"
    shutil.copytree(finished, folder)

    extend_study(folder, 6)
    search(read_study(folder), folder, InProcess(), memory)

    trials = summarise(folder).trials
    assert outcome(summarise(folder))[:4] == outcome(summarise(finished))
    # The new ones are others, and they alone are trained.
    assert len({trial.channels for trial in trials}) == len(trials) == 6
    assert memory.ended == [4, 5]
    assert read_study(folder).earlier_trials == (4,)


def test_a_study_extended_at_once_is_one_extended_later(
    finished: Path, design: StudyDesign, tmp_path: Path
) -> None:
    # Extended before its first trial ran.
    folder = tmp_path / "study"
    create_study(design, folder)
    create_study(replace(design, trials=6), folder)
    create_study(replace(design, trials=9), folder)

    drawn_at_once = drawn(read_study(folder)).channels.tolist()

    assert read_study(folder).earlier_trials == (4, 6)
    assert drawn_at_once[:4] == drawn(design).channels.tolist()
    # Who asks for fewer gets what is there.
    create_study(design, folder)
    assert read_study(folder).trials == 9


def test_a_study_is_not_made_smaller(finished: Path) -> None:
    with pytest.raises(StudyError, match="has 4 trials, and 3 are fewer; give more"):
        extend_study(finished, 3)


def test_a_study_is_not_extended_under_its_driver(
    design: StudyDesign, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    create_study(design, folder)

    with (
        study_folder(folder).locked(),
        pytest.raises(StudyError, match="another process"),
    ):
        extend_study(folder, 9)

    assert read_study(folder) == design


def test_a_study_has_its_own_name_wherever_its_folder_goes(
    finished: Path, design: StudyDesign, tmp_path: Path, memory: Memory
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(finished, moved)

    search(design, moved, InProcess(), memory)

    # The dashboard shows it; the folder's new name finds the same study.
    assert b'"study_name":"undisturbed"' in (moved / "journal.log").read_bytes()
    assert memory.finished == design.trials
    assert len(read_trials(moved)) == design.trials


def test_the_states_of_finished_trials_are_deleted(finished: Path) -> None:
    assert len([*finished.rglob("record.json")]) == 8
    assert len([*finished.rglob("network.safetensors")]) == 8
    assert not [*finished.rglob("state*.safetensors")]


def test_a_state_that_a_kill_left_beside_a_record_is_deleted(
    finished: Path, design: StudyDesign, tmp_path: Path, memory: Memory
) -> None:
    # Killed after the first record was written, before its state was deleted.
    folder = tmp_path / "study"
    create_study(design, folder)
    first = "trials/0000/seed-0"
    shutil.copytree(finished / first, folder / first)
    (folder / first / "state.safetensors").write_bytes(b"whatever")

    search(design, folder, InProcess(), memory)

    assert outcome(summarise(folder)) == outcome(summarise(finished))
    assert not [*folder.rglob("state*.safetensors")]


def test_a_study_without_a_trial_has_no_report(
    design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "study")

    with pytest.raises(StudyError, match=r"no trial of .* has begun; run"):
        summarise(tmp_path / "study")


def test_the_journal_is_optunas(finished: Path, design: StudyDesign) -> None:
    for trial in read_trials(finished):
        # The dashboard shows the channels as parameters and the accuracy as value.
        assert [*trial.params] == ["c1", "c2", "c3", "c4", "c5"]
        assert [*trial.params.values()] == trial.user_attrs["channels"]
        assert trial.intermediate_values[design.recipe.epochs - 1] is not None


def test_the_groups_of_four_trials_have_one_each(finished: Path) -> None:
    summary = summarise(finished)

    assert [group.name for group in summary.groups] == ["top", "middle", "bottom"]
    top, _, bottom = summary.groups
    assert top.accuracy_mean >= bottom.accuracy_mean
    assert len(summary.tests) == 3


def test_the_winner_is_the_most_accurate(finished: Path) -> None:
    summary = summarise(finished)
    best = max(summary.trials, key=lambda trial: trial.accuracy or 0)

    _, spec = winner(finished)

    assert spec.channels == best.channels


def test_a_trial_that_does_not_exist_is_refused(finished: Path) -> None:
    with pytest.raises(StudyError, match=r"no trial 99; .* has 0 to 3"):
        winner(finished, 99)


def test_a_study_without_a_finished_trial_has_no_winner(
    design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "study")

    with pytest.raises(StudyError, match=r"no trial .* is finished"):
        winner(tmp_path / "study")
