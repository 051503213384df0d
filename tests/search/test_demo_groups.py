"""The groups in results/demo, of which the README speaks, are those of its trials."""

import csv
from pathlib import Path
from statistics import fmean, stdev

import pytest

from rexpand.search.statistics import group_of
from rexpand.spec.line_fit import fitted_line

DEMO = Path(__file__).parents[2] / "results" / "demo"


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((DEMO / name).read_text("utf-8").splitlines()))


@pytest.mark.parametrize(
    "group", _rows("groups.csv"), ids=lambda row: f"{row['setting']}-{row['group']}"
)
def test_a_group_of_the_demo_is_that_of_its_trials(group: dict[str, str]) -> None:
    trials = [
        row for row in _rows("accuracies.csv") if row["setting"] == group["setting"]
    ]
    trials.sort(key=lambda row: (-float(row["accuracy"]), int(row["trial"])))

    members = [
        row
        for rank, row in enumerate(trials)
        if group_of(rank, len(trials)) == group["group"]
    ]

    accuracies = [float(row["accuracy"]) for row in members]
    channels = [map(int, row["channels"].split("-")) for row in members]
    line = fitted_line([fmean(widths) for widths in zip(*channels, strict=True)])
    assert len(members) == int(group["trials"])
    # The record rounds in the fourth or fifth decimal.
    assert fmean(accuracies) == pytest.approx(float(group["accuracy"]), abs=1e-4)
    assert stdev(accuracies) == pytest.approx(float(group["accuracy_std"]), abs=1e-4)
    assert line.slope == pytest.approx(float(group["slope"]), abs=1e-5)
    assert line.intercept == pytest.approx(float(group["intercept"]), abs=1e-5)
    assert members[0]["channels"] == group["best_channels"]
