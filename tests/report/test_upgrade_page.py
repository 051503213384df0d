"""The page of an upgrade leads with the verdict and its interval."""

from dataclasses import replace

import pytest

from rexpand.recipe import RECIPES
from rexpand.records import ComparisonSummary, Interval, Machine, Provenance, Side
from rexpand.report import write_upgrade_report
from rexpand.report.upgrade_page import upgrade_verdict
from rexpand.spec import network

BEFORE, AFTER = network("mobilenetv2_050"), network("rexnet_100")
PROVENANCE = Provenance(
    command=None,
    commit=None,
    has_changes=None,
    versions={"torch": "2.15.0"},
    machine=Machine(cpu="a cpu", cores=2, memory_gb=8.0, system="Linux"),
    threads=1,
    seeds=(),
    data_fingerprint=None,
)
GAIN = Interval(mean=0.41, low=-0.73, high=1.55, count=2)
SIDE = Side(
    channels=(8, 16),
    params=100,
    macs=200,
    accuracies=(14.0, 15.0),
    accuracy=Interval(mean=14.5, low=13.0, high=16.0, count=2),
)
COMPARISON = ComparisonSummary(
    data="cifar100",
    images=10_000,
    evaluated_on="test",
    recipe=RECIPES["quick"],
    seeds=2,
    before=SIDE,
    after=replace(SIDE, accuracies=(14.91, 14.91)),
    gains=(0.91, -0.09),
    gain=GAIN,
    verdict="undecided",
    confidence=0.95,
    seconds=60.0,
    provenances=(PROVENANCE,),
)


def test_the_verdict_comes_first_with_its_interval() -> None:
    assert upgrade_verdict(COMPARISON) == (
        "Undecided: the new channels gain +0.41 points of accuracy on cifar100, 95 % "
        "interval -0.73 to +1.55 (2 paired seeds)."
    )


@pytest.mark.parametrize(
    ("comparison", "said"),
    [
        (None, "No training compares the two networks yet."),
        (
            replace(COMPARISON, gain=Interval(mean=0.9, low=None, high=None, count=1)),
            (
                "Undecided: the new channels gain +0.90 points of accuracy on cifar100 "
                "with one seed."
            ),
        ),
    ],
)
def test_without_an_interval_nothing_is_decided(comparison, said) -> None:
    assert upgrade_verdict(comparison) == said


def test_the_page_has_the_verdict_before_anything_else(tmp_path) -> None:
    files = write_upgrade_report(
        BEFORE, AFTER, tmp_path, kept="macs kept", comparison=COMPARISON
    )

    page = files.page.read_text(encoding="utf-8")
    lead = page.split('<p class="lead">')[1].split("</p>")[0]
    assert lead.startswith("Undecided: ")
    assert "% of the params" in lead
    assert [path.stem for path in files.svg] == ["gain", "pairs", "channels"]
    # One row per seed: after less before.
    assert '<td class="number" data-value="-0.09">-0.09</td>' in page


def test_without_trainings_the_page_shows_the_channels_alone(tmp_path) -> None:
    command = ("rexpand", "upgrade", "mobilenetv2_050")
    files = write_upgrade_report(
        *(BEFORE, AFTER, tmp_path),
        kept="params kept",
        origin=replace(PROVENANCE, command=command),
    )

    assert [path.stem for path in files.svg] == ["channels"]
    page = files.page.read_text(encoding="utf-8")
    assert "No training compares" in page
    assert "rexpand upgrade mobilenetv2_050</code>" in page
