"""A search whose trials are detectors: ranked by box AP, the same wherever it runs."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from detector_runs import timeless
from rexpand.budget import Budget
from rexpand.errors import BudgetError, RunError, SpecError, StudyError
from rexpand.recipe import SGD, Change, DetectorTrialRecipe
from rexpand.records import DetectionRecord, StudySummary, read_record
from rexpand.search.design import StudyDesign, create_study, extend_study, read_study
from rexpand.search.driver import search
from rexpand.search.front_comparison import compared_fronts
from rexpand.search.sampler import Sampler
from rexpand.search.summary import summarise
from rexpand.search.task import Task
from rexpand.search.winner import winner
from rexpand.search.workers import InProcess, Nobody, in_processes
from rexpand.transfer.detection import (
    DetectorAsked,
    design_detector_study,
    detector_cost,
    search_backbones,
)
from rexpand.transfer.detection.trials import DETECTORS
from shapes import CHANGES, SHORT, SIDE, SPEC, shapes

ASKED = DetectorAsked(
    detector="ssdlite",
    resolution=SIDE,
    changes=[Change.parse(text) for text in CHANGES["ssdlite"]],
)
BUDGET = Budget(macs=3e6)
RECIPE = replace(SHORT, epochs=1)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten training images, of which two judge trials; three that nobody sees."""
    folder = tmp_path_factory.mktemp("data") / "shapes"
    shapes(folder, train=10)
    return folder


def designed(data: Path, **changes: object) -> StudyDesign:
    design, _ = design_detector_study(
        SPEC, BUDGET, ASKED, data=str(data), trials=2, seeds=2, recipe=RECIPE
    )
    return replace(design, **changes)


@pytest.fixture(scope="module")
def design(data: Path) -> StudyDesign:
    return designed(data)


@pytest.fixture(scope="module")
def finished(design: StudyDesign, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a study that nobody disturbed."""
    folder = tmp_path_factory.mktemp("studies") / "undisturbed"
    create_study(design, folder)
    search(design, folder, InProcess(trainer=DETECTORS), Nobody())
    return folder


def outcome(folder: Path) -> list[tuple[object, ...]]:
    trials = summarise(folder).trials
    return [(t.number, t.channels, t.state, t.seeds, t.accuracies) for t in trials]


def records(folder: Path) -> dict[str, DetectionRecord]:
    """What every training left, without what a clock said."""
    places = sorted(folder.glob("trials/*/seed-*"))
    return {str(each.relative_to(folder)): timeless(each) for each in places}


def test_every_trial_is_the_detector_on_its_own_channels(
    finished: Path, design: StudyDesign
) -> None:
    assert design.detector is not None
    for trial in summarise(finished).trials:
        for seed in trial.seeds:
            place = finished / f"trials/{trial.number:04d}/seed-{seed}/record.json"
            record = read_record(DetectionRecord, place)
            backbone = design.spec.with_channels(trial.channels)
            assert record.spec == design.detector.on(backbone)
            assert record.seed == seed
        # What the closed form promised is what was built, and is within the budget.
        total = detector_cost(record.spec).total
        assert (trial.macs, trial.params) == (total.macs, total.params)
        assert BUDGET.macs is not None
        assert 0.9 * BUDGET.macs <= total.macs <= BUDGET.macs
        assert record.params == total.params


def test_trials_are_ranked_by_box_ap_on_images_of_the_training_set(
    finished: Path, design: StudyDesign, data: Path
) -> None:
    summary = summarise(finished)

    assert summary.measure == "box_ap"
    assert isinstance(design.recipe, DetectorTrialRecipe)
    for trial in summary.trials:
        found = [
            record
            for place, record in records(finished).items()
            if place.startswith(f"trials/{trial.number:04d}/")
        ]
        # In percent, for each seed, and their mean.
        aps = [100 * (record.scores.box_ap or 0.0) for record in found]
        assert list(trial.accuracies) == aps
        assert trial.accuracy == pytest.approx(sum(aps) / 2)
        # A fifth of the ten training images judges; the data set's own held-out images
        # neither train nor judge.
        assert [record.scores.images for record in found] == [2, 2]
        assert [record.images for record in found] == [8, 8]
    # Trainings learn something: seeds and configurations are not copies of each other.
    assert len({a for trial in summary.trials for a in trial.accuracies}) > 1


def test_two_processes_give_the_study_of_one(
    finished: Path, design: StudyDesign, tmp_path: Path
) -> None:
    create_study(design, tmp_path / "study")

    workers = in_processes(2, threads=1, trainer=DETECTORS)
    search(design, tmp_path / "study", workers, Nobody())

    assert outcome(tmp_path / "study") == outcome(finished)
    for place in records(finished):
        weights = f"{place}/detector.safetensors"
        one, two = finished / weights, tmp_path / "study" / weights
        assert two.read_bytes() == one.read_bytes()


class Stopping(InProcess):
    """Is stopped, as by Ctrl-C, when it should begin another training after some."""

    def __init__(self, trainings: int) -> None:
        super().__init__(trainer=DETECTORS)
        self._left = trainings

    def submit(self, task: Task) -> "Future[DetectionRecord]":
        if not self._left:
            raise KeyboardInterrupt
        self._left -= 1
        return super().submit(task)


def test_a_study_that_was_stopped_goes_on_and_repeats_nothing(
    finished: Path, design: StudyDesign, tmp_path: Path
) -> None:
    folder = tmp_path / "study"
    create_study(design, folder)
    with pytest.raises(KeyboardInterrupt):
        search(design, folder, Stopping(1), Nobody())
    before = {path: path.read_bytes() for path in folder.rglob("record.json")}

    search(design, folder, InProcess(trainer=DETECTORS), Nobody())

    assert len(before) == 1
    assert {path: path.read_bytes() for path in before} == before
    assert outcome(folder) == outcome(finished)
    # A study that is over trains nothing more.
    search(design, folder, Stopping(0), Nobody())


def test_an_extended_study_keeps_its_trials(data: Path, tmp_path: Path) -> None:
    one = designed(data, trials=1, seeds=1)
    create_study(one, tmp_path)
    search(one, tmp_path, InProcess(trainer=DETECTORS), Nobody())
    before = outcome(tmp_path)

    extend_study(tmp_path, 2)
    search(read_study(tmp_path), tmp_path, InProcess(trainer=DETECTORS), Nobody())

    assert outcome(tmp_path)[:1] == before
    assert len({channels for _, channels, *_ in outcome(tmp_path)}) == 2


def test_a_sampler_that_learns_proposes_backbones(data: Path, tmp_path: Path) -> None:
    sampler = Sampler(name="refine", generation=3)
    design = designed(data, trials=4, seeds=1, sampler=sampler)
    create_study(design, tmp_path)

    search(design, tmp_path, InProcess(trainer=DETECTORS), Nobody())

    trials = summarise(tmp_path).trials
    assert [trial.generation for trial in trials] == [0, 0, 0, 1]
    assert len({trial.channels for trial in trials}) == 4
    assert all(trial.macs <= BUDGET.macs for trial in trials)


def test_a_detector_that_diverges_is_a_trial_that_failed(
    design: StudyDesign, finished: Path, tmp_path: Path
) -> None:
    class Spoiling(InProcess):
        """A worker that is given a rate at which the second trial diverges."""

        def submit(self, task: Task) -> "Future[DetectionRecord]":
            if task.trial == "trial 1":
                task = replace(task, recipe=DIVERGING)
            return super().submit(task)

    create_study(design, tmp_path)

    search(design, tmp_path, Spoiling(trainer=DETECTORS), Nobody())

    states = [trial.state for trial in summarise(tmp_path).trials]
    assert states == ["complete", "failed"]
    assert "lower learning_rate" in (summarise(tmp_path).trials[1].failure or "")
    # The other one is what it would have been.
    assert outcome(tmp_path)[0] == outcome(finished)[0]


# Four steps at a rate at which no weight stays finite.
DIVERGING = DetectorTrialRecipe(
    detection=replace(
        RECIPE, batch_size=2, optimizer=SGD(learning_rate=1000.0, weight_decay=1000.0)
    ),
    validation=2,
)


def test_a_study_of_nothing_but_failures_says_so(data: Path, tmp_path: Path) -> None:
    design = designed(data, recipe=DIVERGING, seeds=1)
    create_study(design, tmp_path / "study")

    with pytest.raises(RunError, match=r"all 2 trials failed; the last one: .*lower"):
        search(design, tmp_path / "study", InProcess(trainer=DETECTORS), Nobody())


def test_the_winner_is_the_backbone_of_the_best_detector(finished: Path) -> None:
    summary = summarise(finished)

    design, spec = winner(finished)

    assert summary.best is not None
    assert spec.channels == summary.best.channels
    assert design.detector is not None
    assert design.detector.on(spec).backbone == spec


def test_fronts_of_other_detectors_are_not_compared(
    finished: Path, data: Path, tmp_path: Path
) -> None:
    smaller, _ = design_detector_study(
        *(SPEC, BUDGET, replace(ASKED, resolution=48)),
        data=str(data),
        trials=1,
        seeds=1,
        recipe=RECIPE,
    )
    create_study(smaller, tmp_path / "smaller")
    search(smaller, tmp_path / "smaller", InProcess(trainer=DETECTORS), Nobody())

    alike = compared_fronts([finished])

    assert alike.studies[0].front.measure == "box_ap"
    with pytest.raises(StudyError, match=r"64 pixels and smaller of .* trials alike"):
        compared_fronts([finished, tmp_path / "smaller"])


def test_from_names_to_a_summary_in_one_call(data: Path, tmp_path: Path) -> None:
    summary = search_backbones(
        SPEC,
        BUDGET,
        data=data.name,
        data_root=data.parent,
        detector=ASKED,
        folder=tmp_path / "study",
        trials=1,
        seeds=1,
        train_subset=4,
        recipe=RECIPE,
    )

    assert isinstance(summary, StudySummary)
    assert [record.images for record in records(tmp_path / "study").values()] == [4]
    assert "box AP" in repr(summary)


REFUSED: list[tuple[Callable[[StudyDesign], object], type[Exception], str]] = [
    (
        lambda design: replace(design, pruning="median"),
        StudyError,
        "detectors are judged at the end; give pruning none",
    ),
    (
        lambda design: replace(design, budget=BUDGET),
        StudyError,
        "the budget is of small; give one of the detector on this network",
    ),
    (
        lambda design: replace(design, spec=design.spec.with_channels((24, 32, 40))),
        StudyError,
        "give one of the detector on this network",
    ),
    (
        lambda design: replace(design.recipe, validation=-1),
        SpecError,
        "validation is -1; give 0 to",
    ),
]


@pytest.mark.parametrize(("change", "error", "told"), REFUSED)
def test_what_no_study_of_detectors_can_be_is_refused(
    change: Callable[[StudyDesign], object],
    error: type[Exception],
    told: str,
    design: StudyDesign,
) -> None:
    with pytest.raises(error, match=told):
        change(design)


def test_a_detector_whose_cost_has_no_closed_form_is_not_searched(data: Path) -> None:
    with pytest.raises(
        SpecError, match=r"faster_rcnn has no closed form here.*ssdlite"
    ):
        design_detector_study(
            SPEC,
            BUDGET,
            DetectorAsked(detector="faster_rcnn", resolution=SIDE),
            data=str(data),
            trials=2,
            seeds=1,
        )


def test_a_budget_below_the_heads_alone_is_refused(data: Path, tmp_path: Path) -> None:
    design, _ = design_detector_study(
        SPEC, Budget(macs=1e5), ASKED, data=str(data), trials=2, seeds=1
    )

    # The detector's name, and what it needs at least.
    with pytest.raises(BudgetError, match="ssdlite on small needs at least"):
        create_study(design, tmp_path / "study")
    assert not (tmp_path / "study").exists()
