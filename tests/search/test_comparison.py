"""Two networks trained alike: the verdict, its interval, and going on after a stop."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rexpand.errors import StudyError
from rexpand.recipe import RECIPES
from rexpand.search.comparison import (
    Comparison,
    create_comparison,
    run_comparison,
    summarise_comparison,
)
from rexpand.search.workers import InProcess
from rexpand.spec import Head, InvertedBottleneck, NetworkSpec, Stem


class Heard:
    """A progress that remembers."""

    def __init__(self) -> None:
        self.finished = -1
        self.trials: list[int] = []

    def begin(self, *, trials: int, finished: int, seeds: int) -> None:
        self.finished = finished

    def end_trial(self, number: int, accuracy: float | None) -> None:
        self.trials.append(number)


def tiny(*channels: int) -> NetworkSpec:
    return NetworkSpec(
        name="tiny",
        family="tiny",
        stem=Stem(out_channels=4, stride=1),
        blocks=tuple(
            InvertedBottleneck(out_channels=width, stride=2, expand_ratio=2)
            for width in channels
        ),
        head=Head(channels=0, dropout=0.0),
        resolution=8,
        in_channels=1,
        num_classes=10,
    )


def design(seeds: int = 2) -> Comparison:
    return Comparison(
        before=tiny(4, 4),
        after=tiny(8, 16),
        recipe=RECIPES["digits"].with_epochs(2),
        data="digits",
        seeds=seeds,
        train_subset=300,
    )


def test_both_are_trained_for_every_seed_and_compared_in_pairs(tmp_path: Path) -> None:
    create_comparison(design(), tmp_path)

    found = run_comparison(design(), tmp_path, InProcess(), Heard())

    assert len(found.before.accuracies) == len(found.after.accuracies) == 2
    pairs = zip(found.after.accuracies, found.before.accuracies, strict=True)
    assert found.gains == pytest.approx([after - before for after, before in pairs])
    assert found.gain is not None
    assert found.gain.low is not None
    assert found.gain.high is not None
    assert found.gain.low < found.gain.mean < found.gain.high
    # The verdict on the disk is the one that is given.
    saved = json.loads((tmp_path / "verdict.json").read_text())
    assert saved["verdict"] == found.verdict
    assert saved["gains"] == list(found.gains)


def test_a_comparison_goes_on_with_the_seeds_that_are_missing(tmp_path: Path) -> None:
    create_comparison(design(seeds=1), tmp_path)
    first = run_comparison(design(seeds=1), tmp_path, InProcess(), Heard())
    heard = Heard()

    create_comparison(design(seeds=2), tmp_path)
    second = run_comparison(design(seeds=2), tmp_path, InProcess(), heard)

    assert heard.finished == 2
    assert heard.trials == [2, 3]
    assert second.before.accuracies[:1] == first.before.accuracies


def test_one_seed_has_no_verdict(tmp_path: Path) -> None:
    create_comparison(design(seeds=1), tmp_path)

    found = run_comparison(design(seeds=1), tmp_path, InProcess(), Heard())

    assert found.verdict == "undecided"
    assert found.gain is not None
    assert found.gain.low is None


@pytest.mark.parametrize(
    ("gains", "verdict"),
    [
        ((3.0, 3.2, 2.9), "better"),
        ((-3.0, -3.2, -2.9), "worse"),
        ((3.0, -3.2, 0.1), "undecided"),
    ],
)
def test_the_interval_decides(
    gains: tuple[float, ...], verdict: str, tmp_path: Path
) -> None:
    create_comparison(design(seeds=1), tmp_path)
    run_comparison(design(seeds=1), tmp_path, InProcess(), Heard())
    for seed, gain in enumerate(gains):
        for side, accuracy in (("before", 50.0), ("after", 50.0 + gain)):
            record = json.loads((tmp_path / side / "seed-0/record.json").read_text())
            folder = tmp_path / side / f"seed-{seed}"
            folder.mkdir(exist_ok=True)
            changed = record | {"accuracy": accuracy, "seed": seed}
            (folder / "record.json").write_text(json.dumps(changed))

    found = summarise_comparison(design(seeds=3), tmp_path)

    assert found.gains == pytest.approx(gains)
    assert found.verdict == verdict


def test_another_comparison_in_the_folder_is_refused(tmp_path: Path) -> None:
    create_comparison(design(), tmp_path)

    other = replace(design(), after=tiny(8, 24))
    with pytest.raises(
        StudyError,
        match=r"settings: after.blocks\[1\].out_channels is 16, asked for 24",
    ):
        create_comparison(other, tmp_path)
    (tmp_path / "comparison.json").write_text("{")
    with pytest.raises(StudyError, match="it is not valid JSON"):
        create_comparison(design(), tmp_path)
    with pytest.raises(StudyError, match="seeds is 0"):
        design(seeds=0)
