"""A study to report: the groups of the paper's Table 3 (a), among plausible trials."""

from collections.abc import Callable
from dataclasses import replace
from math import cos, pi

import numpy as np
import pytest

from rexpand.budget import Budget
from rexpand.recipe import DETECTION_RECIPES, DetectorTrialRecipe, Recipe
from rexpand.records import (
    Epoch,
    Front,
    GroupSummary,
    LineBand,
    Machine,
    PermutationTest,
    Provenance,
    Record,
    StudySummary,
    TrialSummary,
)
from rexpand.search.coverage import sample_of, shape_summaries
from rexpand.search.distributions import (
    error_distribution,
    shape_accuracies,
    shape_comparisons,
)
from rexpand.search.fronts import drawn_front
from rexpand.search.ranking import ranking_noise
from rexpand.spec import network

MACHINE = Machine(
    cpu="AMD EPYC 9B14", cores=8, memory_gb=31.3, system="Linux x86_64", device="cuda"
)
VERSIONS = {"python": "3.11.2", "rexpand": "0.1.0", "torch": "2.10.0"}
PROVENANCE = Provenance(
    command=("rexpand", "search", "run"),
    commit="0123456789abcdef",
    has_changes=False,
    versions=VERSIONS,
    machine=MACHINE,
    threads=2,
    seeds=(0, 1, 2),
    data_fingerprint="f00d",
)
BUDGET = Budget(macs=30_000_000, params=200_000)
RECIPE = Recipe(epochs=30, validation=2500)

# Figure 2 (a), mean channels of the top group (read off), and Table 3 (a), the best and
# the worst configuration. The deviations and the other means are made up.
TOP = (34.5, 41.0, 47.0, 53.0, 59.0)
MIDDLE = (38.0, 43.0, 47.5, 52.5, 64.0)
BOTTOM = (36.5, 38.5, 41.0, 47.0, 78.0)
BEST = (34, 34, 45, 55, 66)
WORST = (36, 36, 36, 36, 83)


def _group(
    name: str,
    trials: tuple[int, ...],
    accuracy: tuple[float, float],
    channels: tuple[float, ...],
    best: tuple[tuple[int, ...], float],
) -> GroupSummary:
    slope, intercept = np.polyfit(range(len(channels)), channels, 1)
    residual = np.array(channels) - (slope * np.arange(len(channels)) + intercept)
    return GroupSummary(
        name=name,
        trials=trials,
        accuracy_mean=accuracy[0],
        accuracy_std=accuracy[1],
        params_mean=203_900,
        params_std=2_100,
        macs_mean=30_000_000,
        macs_std=1_000_000,
        channels_mean=channels,
        channels_std=(3.1, 3.0, 2.8, 3.6, 5.2),
        slope=float(slope),
        intercept=float(intercept),
        r_squared=float(1 - residual.var() / np.var(channels)),
        band=LineBand(
            slope_low=float(slope) - 0.9,
            slope_high=float(slope) + 0.9,
            intercept_low=float(intercept) - 2,
            intercept_high=float(intercept) + 2,
            low=tuple(slope * block + intercept - 1.5 for block in range(5)),
            high=tuple(slope * block + intercept + 1.5 for block in range(5)),
        ),
        best_channels=best[0],
        best_accuracy=best[1],
    )


def _trial(
    number: int, quality: float, group: str | None, rng: np.random.Generator
) -> TrialSummary:
    mean = np.array(WORST) + quality * (np.array(BEST) - np.array(WORST))
    noise = rng.normal(0, 3 * (quality < 1), len(BEST))
    channels = np.sort((mean + noise).round().astype(int))
    accuracy = 61.1 + 2.3 * quality
    seeds = tuple(float(accuracy + shift) for shift in (-0.15, 0.0, 0.15))
    return TrialSummary(
        number=number,
        channels=tuple(int(width) for width in channels),
        shape=str(rng.choice(["linear", "convex", "stagewise"])),
        weight=1.0,
        params=int(197_000 + rng.normal(0, 1_000)),
        macs=int(27.6e6 + 0.8e6 * quality + rng.normal(0, 4e5)),
        activations=int(channels.sum()) * 6_000,
        memory_access=int(channels.sum()) * 16_000 + 197_000,
        state="complete",
        seeds=(0, 1, 2),
        accuracies=seeds,
        accuracy=float(accuracy),
        nuclear_norm=float(7760 + 280 * quality + rng.normal(0, 25)),
        seconds=float(rng.uniform(900, 1500)),
        group=group,
    )


def _group_of(rank: int, finished: int) -> str | None:
    tenth = max(finished // 10, 1)
    if rank < tenth:
        return "top"
    if finished // 2 <= rank < finished // 2 + tenth:
        return "middle"
    return "bottom" if rank >= finished - tenth else None


def _pruned(number: int, rng: np.random.Generator) -> TrialSummary:
    accuracy = float(rng.uniform(60.6, 61.6))
    return TrialSummary(
        number=number,
        channels=(36, 36, 36, 60, 80),
        shape="stagewise",
        weight=1.0,
        params=197_000,
        macs=int(rng.uniform(27.0e6, 29.5e6)),
        activations=1_450_000,
        memory_access=4_100_000,
        state="pruned",
        seeds=(0,),
        accuracies=(accuracy,),
        accuracy=accuracy,
        nuclear_norm=None,
        seconds=410.0,
    )


def front_of(trials: list[TrialSummary]) -> Front | None:
    """Accuracy against activations: macs and params are bounded."""
    drawn = drawn_front(trials, ("activations",))
    return None if drawn is None else drawn.front


def build_study(finished: int = 100, pruned: int = 6) -> StudySummary:
    """A study of `finished` complete trials, the best of them the paper's best."""
    rng = np.random.default_rng(0)
    qualities = np.sort(rng.beta(3.0, 2.2, finished))[::-1]
    qualities[0] = 1.0
    numbers = [int(number) for number in rng.permutation(finished)]
    trials = [
        _trial(number, float(quality), _group_of(rank, finished), rng)
        for rank, (number, quality) in enumerate(zip(numbers, qualities, strict=True))
    ]
    complete = list(trials)
    trials += [_pruned(finished + each, rng) for each in range(pruned)]
    members = {
        name: tuple(trial.number for trial in trials if trial.group == name)
        for name in ("top", "middle", "bottom")
    }
    return StudySummary(
        name="table3-a",
        network="five inverted bottlenecks",
        data="CIFAR-100",
        budget_macs=30_000_000,
        budget_params=200_000,
        recipe=RECIPE,
        seeds=3,
        trials=tuple(sorted(trials, key=lambda trial: trial.number)),
        shapes=shape_summaries(BUDGET, sample_of(BUDGET, 0.05, trials)),
        shortfalls=(),
        groups=(
            _group("top", members["top"], (63.1, 0.1), TOP, (BEST, 63.4)),
            _group("middle", members["middle"], (62.2, 0.0), MIDDLE, (BEST, 62.3)),
            _group("bottom", members["bottom"], (61.4, 0.2), BOTTOM, (WORST, 61.6)),
        ),
        tests=(
            PermutationTest(
                first="top",
                second="bottom",
                distance=9.8,
                p_value=0.0004,
                permutations=10_000,
            ),
        ),
        front=front_of(complete),
        correlations={"nuclear_norm": 0.83, "macs": 0.41},
        noise=ranking_noise(complete),
        distribution=error_distribution(complete),
        shape_accuracies=shape_accuracies(complete),
        shape_comparisons=shape_comparisons(complete),
        provenances=(PROVENANCE,),
    )


@pytest.fixture(scope="session")
def build() -> Callable[..., StudySummary]:
    """The maker of studies, for those of another size."""
    return build_study


@pytest.fixture(scope="session")
def study() -> StudySummary:
    """One hundred finished trials and six pruned ones."""
    return build_study()


@pytest.fixture(scope="session")
def detectors(study: StudySummary) -> StudySummary:
    """The same numbers as the box AP of detectors."""
    detection = DETECTION_RECIPES["quick"]
    assert study.front is not None
    return replace(
        study,
        recipe=DetectorTrialRecipe(detection=detection, validation=41),
        detector="ssdlite, images of 320 pixels",
        front=replace(study.front, measure="box_ap"),
        trials=tuple(replace(each, nuclear_norm=None) for each in study.trials),
    )


@pytest.fixture(scope="session")
def record() -> Record:
    """A run of ten epochs."""
    epochs = tuple(
        Epoch(
            epoch=number - 1,
            loss=4.6 * 0.8**number,
            accuracy=63.0 * (1 - 0.7**number),
            held_out_loss=2.1 + 2.3 * 0.7**number,
            learning_rate=0.05 * (1 + cos(pi * number / 10)),
            images_per_second=5000.0,
        )
        for number in range(1, 11)
    )
    return Record(
        spec=network("rexnet_100"),
        recipe=RECIPE,
        data="CIFAR-100",
        seed=0,
        params=4_796_873,
        macs=398_370_392,
        accuracy=epochs[-1].accuracy,
        loss=epochs[-1].loss,
        evaluated_on="test",
        images=50_000,
        evaluated_images=10_000,
        epochs=epochs,
        stopped_early=False,
        seconds=312.0,
        peak_memory_mb=1834.0,
        provenance=PROVENANCE,
    )
