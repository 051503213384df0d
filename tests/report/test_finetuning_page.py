"""The page of a fine-tuning says what was reached, from what, and how it was chosen."""

from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.recipe import RECIPES
from rexpand.records import FineTuningSummary, Interval, TriedRate
from rexpand.report import write_finetuning_report
from rexpand.report.finetuning_page import finetuning_cautions, finetuning_finding

SUMMARY = FineTuningSummary(
    network="mobilenetv2_100",
    data="flowers12",
    started_from="mobilenetv2_100@w.npz",
    recipe=RECIPES["finetune"],
    resolution=64,
    params=100,
    macs=200,
    images=720,
    held_out=144,
    evaluated_images=240,
    grid=(
        TriedRate(learning_rate=0.001, accuracies=(80.0,), losses=(0.7,)),
        TriedRate(learning_rate=0.01, accuracies=(85.0,), losses=(0.6,)),
        TriedRate(learning_rate=0.1, accuracies=(), losses=(), diverged=1),
    ),
    learning_rate=0.01,
    seeds=2,
    accuracies=(84.0, 86.0),
    losses=(0.61, 0.59),
    accuracy=Interval(mean=85.0, low=72.29, high=97.71, count=2),
    confidence=0.95,
    seconds=60.0,
    provenances=(),
)


def test_the_lead_has_the_accuracy_its_interval_and_the_weights() -> None:
    assert finetuning_finding(SUMMARY) == (
        "mobilenetv2_100, trained from mobilenetv2_100@w.npz, reaches 85.00 % on 240 test "
        "images of flowers12 at learning rate 0.01, 95 % interval 72.29 to 97.71 (2 seeds)."
    )
    fresh = replace(SUMMARY, started_from=None, accuracy=None, accuracies=(), losses=())
    assert finetuning_finding(fresh) == (
        "mobilenetv2_100, trained from scratch: no seed is finished yet."
    )


def test_a_rate_at_the_end_of_the_grid_and_one_that_diverged_are_told() -> None:
    assert finetuning_cautions(SUMMARY) == ("Training diverged at learning rate 0.1.",)
    at_the_end = replace(SUMMARY, learning_rate=0.001, grid=SUMMARY.grid[:2])
    assert "is an end of the grid" in finetuning_cautions(at_the_end)[0]


@pytest.mark.parametrize(
    "summary",
    [
        SUMMARY,
        replace(SUMMARY, grid=()),
        replace(SUMMARY, accuracies=(), accuracy=None),
    ],
    ids=["whole", "one rate", "running"],
)
def test_the_page_is_written_for_as_much_as_there_is(
    summary: FineTuningSummary, tmp_path: Path
) -> None:
    files = write_finetuning_report(summary, tmp_path)

    page = files.page.read_text("utf-8")
    assert ("Learning rates" in page) == bool(summary.grid)
    assert ("judge the weights after the last epoch" in page) == bool(
        summary.accuracies
    )
    figures = {"grid.svg"} if summary.grid else set()
    figures |= {"seeds.svg"} if summary.accuracies else set()
    assert {path.name for path in files.svg} == figures
