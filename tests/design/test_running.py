"""A design from a folder of images to a network, and whatever stops it on the way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch

from rexpand.design.order import DesignOrder
from rexpand.design.running import Quiet, run_design
from rexpand.errors import StudyError
from rexpand.records import Record, read_record
from rexpand.records.design import DesignResult
from rexpand.search.workers import Placement
from tiny_design import tiny_plan, with_plan


@pytest.fixture(scope="module")
def finished(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    order = DesignOrder(data=str(few), macs=400e3, hours=0.1)
    folder = with_plan(order, tmp_path_factory.mktemp("design") / "run")
    return order, folder, run_design(order, folder)


def test_both_networks_are_within_the_budget_and_use_it(finished) -> None:
    verdict = finished[2].verdict

    for side in (verdict.searched, verdict.catalogue):
        assert 0.9 * 400e3 <= side.macs <= 400e3


def test_they_are_trained_alike_and_judged_on_test_images_alone(finished) -> None:
    _, folder, result = finished
    searched, catalogue = (
        read_record(Record, folder / side / "seed-0/record.json")
        for side in ("searched", "catalogue")
    )

    assert searched.recipe == catalogue.recipe
    assert searched.images == catalogue.images == 240
    # Trials and search were judged by held-out training images.
    assert searched.evaluated_on == catalogue.evaluated_on == "test"
    for path in (*folder.glob("trials/**/record.json"),):
        assert read_record(Record, path).evaluated_on == "validation"
    assert result.verdict.test_images == 60
    # Counted twice: by the training, and image by image for the interval.
    gain = searched.accuracy - catalogue.accuracy
    assert result.verdict.by_image.mean == pytest.approx(gain, abs=1e-9)


def test_what_was_tried_is_recorded(finished) -> None:
    proposal = finished[2].proposal

    families = [t for t in proposal.trials if t.question == "family"]
    sizes = [t for t in proposal.trials if t.question == "size"]
    assert {t.candidate.network for t in families} == {"search_18", "mobilenetv2_100"}
    # The other size is tried with the best family alone.
    best = max(families, key=lambda trial: trial.accuracy)
    assert [t.candidate.network for t in sizes] == [best.candidate.network]
    assert proposal.winner in [t.candidate for t in proposal.trials]


def test_the_lines_of_pytorch_timm_and_onnxruntime_agree(
    finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, folder, result = finished
    export = result.export
    monkeypatch.chdir(folder / "model")
    side = result.proposal.winner.size.resolution
    images = torch.randn(3, 1, side, side, generator=torch.manual_seed(0))
    names: dict[str, Any] = {"images": images.numpy()}

    def opened(lines: tuple[str, ...]) -> Any:
        exec("\n".join(lines), names)
        return names["network"]

    with torch.inference_mode():
        ours = opened(export.in_pytorch)(images).numpy()
        theirs = opened(export.in_timm)(images).numpy()
    exec("\n".join(export.in_onnxruntime), names)

    np.testing.assert_allclose(theirs, ours, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(names["scores"], ours, rtol=1e-3, atol=1e-3)
    assert isinstance(names["session"], onnxruntime.InferenceSession)
    card = (folder / export.files[0]).read_text()
    assert f"{export.accuracy:.2f} % top-1 on 60 test images" in card.replace("\n", " ")


class Stopping(Quiet):
    """A crew that is stopped when the design says or begins something."""

    def __init__(self, at: int) -> None:
        super().__init__(placed=Placement())
        object.__setattr__(self, "left", [at])

    def _count(self) -> None:
        self.left[0] -= 1
        if self.left[0] < 0:
            raise KeyboardInterrupt

    @contextmanager
    def step(self, name: str) -> Iterator[Any]:
        self._count()
        with super().step(name) as given:
            yield given
        self._count()

    def tell(self, message: str) -> None:
        self._count()


def test_a_design_that_is_stopped_everywhere_ends_as_one_that_is_not(
    finished, tmp_path: Path
) -> None:
    order, _, whole = finished
    folder = with_plan(order, tmp_path / "run")
    stops = 0

    result: DesignResult | None = None
    while result is None:
        try:
            # Each time it comes to one more event.
            result = run_design(order, folder, Stopping(at=stops))
        except KeyboardInterrupt:
            stops += 1

    assert stops >= 5
    assert result.verdict.gains == whole.verdict.gains
    assert result.verdict.searched.channels == whole.verdict.searched.channels
    assert [t.accuracy for t in result.proposal.trials] == [
        t.accuracy for t in whole.proposal.trials
    ]


def test_a_finished_design_is_read_and_nothing_is_written(finished) -> None:
    order, folder, result = finished
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}

    again = run_design(order, folder)

    assert again == result
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


@pytest.mark.parametrize(
    ("change", "said"),
    [({"macs": 300e3}, "macs is 400000.0"), ({"hours": 0.2}, "hours is 0.1")],
)
def test_the_folder_of_another_design_is_refused(
    finished, change: dict[str, float], said: str
) -> None:
    order, folder, _ = finished

    with pytest.raises(
        StudyError, match=f"holds a design with other settings: .*{said}"
    ):
        run_design(replace(order, **change), folder)


def test_a_plan_is_made_once(finished) -> None:
    order, _, result = finished

    # Times are measured, so a plan that was made anew would differ.
    assert result.plan.candidates == tiny_plan(order).candidates
    assert result.plan.reasons == ("made for a test",)
