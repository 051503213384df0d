"""Samplers at equal budget: random, refine, TPE and NSGA-II, as many trainings for each.

Every sampler searches the channels of search_18 on digits within the same macs, in
studies of as many trials, one study for each sampling seed. The studies of a seed share
their first generation, which is random, and a configuration that several of them propose
is trained once: the same training gives the same record. The best of many noisy
accuracies is too high, so the winner of each study is trained again from fresh seeds, and
judged on test images, which chose nothing; so is the first random configuration, which
nobody searched for. Differences are paired by the sampling seed. With macs alone bounded,
NSGA-II keeps the params low besides.

    python benchmarks/samplers.py --json FILE --figure FILE.png
"""

from argparse import Namespace
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from itertools import accumulate
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import altair as alt
from scipy.stats import ttest_rel

from interleave import Report, parser
from rexpand.budget import Budget
from rexpand.data.load import load
from rexpand.recipe import RECIPES
from rexpand.records import Interval, Record, read_record
from rexpand.report.charts import axes
from rexpand.report.rendering import to_png, to_svg
from rexpand.search.design import StudyDesign, create_study, fitted_to, read_study
from rexpand.search.distributions import holm
from rexpand.search.driver import search
from rexpand.search.intervals import interval
from rexpand.search.sampler import Sampler, SamplerName
from rexpand.search.summary import summarise
from rexpand.search.task import Task
from rexpand.search.worker import evaluate
from rexpand.search.workers import Nobody
from rexpand.spec import network

_SAMPLERS: tuple[SamplerName, ...] = ("random", "refine", "tpe", "nsga2")
_UNSEARCHED = "unsearched"
_FRESH = 1000  # the first seed of the trainings that judge winners
_SIGNIFICANT = 0.05

Curves = dict[str, list[list[float]]]


def main() -> None:
    options = parser(__doc__, rounds=10)
    options.add_argument("--trials", type=int, default=60, help="of each study")
    options.add_argument("--generation", type=int, default=10, help="trials of one")
    options.add_argument("--fresh", type=int, default=5, help="seeds of a winner")
    options.add_argument("--epochs", type=int, default=3)
    options.add_argument("--macs", type=float, default=300e3)
    options.add_argument("--figure", type=Path, metavar="FILE", help="a PNG")
    options.add_argument(
        "--folder",
        type=Path,
        help="keeps trainings, to go on with (default: a new one)",
    )
    chosen = options.parse_args()
    if chosen.smoke:
        chosen.trials, chosen.generation, chosen.fresh, chosen.epochs = 4, 2, 2, 1
    report = Report(__file__, chosen, ("optuna", "torch", "numpy"))
    found = Found()
    with TemporaryDirectory() as new:
        place = chosen.folder or Path(new)
        for seed in range(report.rounds):
            _compare(chosen, seed, place / f"{seed}", found)
            print(
                f"study seed {seed}: {found.trainings:,} trainings so far", flush=True
            )
    _tell(report, chosen, found)
    report.finding(
        "trainings",
        {"trainings": found.trainings, "seconds": found.seconds},
        f"{found.trainings:,} trainings of {found.seconds / 60:.1f} minutes in all",
    )
    report.close()
    if chosen.figure:
        _draw(found.bests, chosen.figure)


@dataclass(kw_only=True)
class Found:
    """What the studies of every sampler found, one entry for each sampling seed."""

    bests: Curves = field(default_factory=lambda: {name: [] for name in _SAMPLERS})
    retrained: Curves = field(
        default_factory=lambda: {name: [] for name in (*_SAMPLERS, _UNSEARCHED)}
    )
    params: dict[str, list[float]] = field(
        default_factory=lambda: {name: [] for name in _SAMPLERS}
    )
    winners: list[tuple[int, ...]] = field(default_factory=list)
    trainings: int = 0
    seconds: float = 0.0


def _compare(options: Namespace, seed: int, folder: Path, found: Found) -> None:
    """One study of each sampler; the winners trained again."""
    workers = Remembering(folder / "fresh")
    for name in _SAMPLERS:
        design = _design(options, name, seed)
        create_study(design, folder / name)
        search(read_study(folder / name), folder / name, workers, Nobody())
        trials = summarise(folder / name).trials
        best = max(trials, key=lambda trial: trial.accuracy or 0.0)
        found.bests[name].append(
            [*accumulate((trial.accuracy or 0.0 for trial in trials), max)]
        )
        found.params[name].append(float(best.params))
        found.winners.append(best.channels)
        again = workers.again(design, best.channels, options.fresh)
        found.retrained[name].append(again)
    again = workers.again(design, trials[0].channels, options.fresh)
    found.retrained[_UNSEARCHED].append(again)
    kept = [read_record(Record, path) for path in folder.rglob("record.json")]
    found.trainings += len(kept)
    found.seconds += sum(record.seconds for record in kept)


def _design(options: Namespace, name: SamplerName, seed: int) -> StudyDesign:
    """A study of a sampler; the random one begins with the others' first generation."""
    recipe = RECIPES["digits"].with_epochs(options.epochs)
    if options.smoke:
        recipe = replace(recipe, validation=100)
    return StudyDesign(
        spec=fitted_to(network("search_18"), load("digits")),
        data="digits",
        budget=Budget(macs=options.macs),
        trials=options.trials,
        seeds=1,
        recipe=recipe,
        train_subset=100 if options.smoke else 0,
        sampler=Sampler(name=name, generation=options.generation),
        sampling_seed=seed,
        earlier_trials=(options.generation,) if name == "random" else (),
    )


class Remembering(AbstractContextManager["Remembering"]):
    """Workers that train every network once for each seed, one at a time."""

    slots = 1

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records: dict[tuple[Any, ...], Record] = {}

    def submit(self, task: Task) -> "Future[Record]":
        future: Future[Record] = Future()
        future.set_result(self._record(task))
        return future

    def again(
        self, design: StudyDesign, channels: Sequence[int], count: int
    ) -> list[float]:
        """Test accuracies of a configuration, trained from so many fresh seeds."""
        tasks = (
            Task(
                trial="the winner",
                spec=design.spec.with_channels(channels),
                recipe=replace(design.recipe, validation=0),
                seed=_FRESH + number,
                data=design.data,
                data_root=None,
                train_subset=design.train_subset,
                subset_seed=0,
                folder=self._folder / "-".join(map(str, channels)) / f"{number}",
            )
            for number in range(count)
        )
        return [self._record(task).accuracy for task in tasks]

    def _record(self, task: Task) -> Record:
        # Each study draws its own training images, if it draws any.
        key = (task.spec.channels, task.seed, task.recipe.validation, task.subset_seed)
        if key not in self._records:
            self._records[key] = evaluate(task)
        return self._records[key]

    def __exit__(self, *_: object) -> None: ...


def _tell(report: Report, options: Namespace, found: Found) -> None:
    """Tables, the verdict on each sampler, and all numbers for the record."""
    marks = sorted({options.generation, options.trials, *range(20, options.trials, 20)})
    report.table(
        ("best so far (%), after trials", *map(str, marks)),
        [
            [name, *(_written(interval(at)) for at in _at(curves, marks))]
            for name, curves in found.bests.items()
        ],
    )
    means = {
        name: [_mean(each) for each in runs] for name, runs in found.retrained.items()
    }
    report.table(
        ("winner, trained again: test accuracy (%)", "mean of winners", "params"),
        [
            [name, _written(interval(each)), _params(found.params.get(name))]
            for name, each in means.items()
        ],
    )
    values = {
        "studies": report.rounds,
        "trials": options.trials,
        "generation": options.generation,
        "epochs": options.epochs,
        "macs": options.macs,
        "fresh_seeds": options.fresh,
        "best_so_far": found.bests,
        "retrained": found.retrained,
        "winner_params": found.params,
    }
    report.finding("samplers", values, "")
    different = len(set(found.winners))
    report.finding(
        "winners",
        {"studies": len(found.winners), "different": different},
        f"{different} different winners of {len(found.winners)} studies",
    )
    for pairs in (
        [(name, "random") for name in _SAMPLERS if name != "random"],
        [("random", _UNSEARCHED)],
    ):
        _judge(report, means, pairs)


def _judge(
    report: Report,
    means: Mapping[str, Sequence[float]],
    pairs: Sequence[tuple[str, str]],
) -> None:
    """Whether the first of each pair finds better networks than the second."""
    if report.rounds < 3:
        return
    p_values = [_p_value(means[first], means[second]) for first, second in pairs]
    for (first, second), p in zip(pairs, holm(p_values), strict=True):
        gains = [a - b for a, b in zip(means[first], means[second], strict=True)]
        gain = interval(gains)
        assert gain is not None
        if p >= _SIGNIFICANT:
            said = "not told apart"
        else:
            said = "better" if gain.mean > 0 else "worse"
        report.finding(
            f"{first}_less_{second}",
            {**asdict(gain), "p": p},
            f"{first} less {second}: {gain.mean:+.2f} points ({gain.low:+.2f} to "
            f"{gain.high:+.2f}), p {p:.3f} (paired t test, Holm): {said}",
        )


def _p_value(first: Sequence[float], second: Sequence[float]) -> float:
    """Of the paired t test; 1 where every pair is equal, as by the same winner."""
    if first == second:
        return 1.0
    return float(ttest_rel(first, second).pvalue)


def _at(curves: list[list[float]], marks: Sequence[int]) -> list[list[float]]:
    return [[curve[mark - 1] for curve in curves] for mark in marks]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _written(found: Interval | None) -> str:
    assert found is not None
    if found.low is None or found.high is None:
        return f"{found.mean:.2f}"
    return f"{found.mean:.2f} ({found.low:.2f} to {found.high:.2f})"


def _params(values: Sequence[float] | None) -> str:
    return "" if values is None else f"{_mean(values):,.0f}"


def _draw(bests: Curves, path: Path) -> None:
    """The mean best accuracy so far of each sampler, with its interval of 95 %."""
    rows = []
    for name, curves in bests.items():
        for trial, at in enumerate(zip(*curves, strict=True), start=1):
            found = interval(at)
            assert found is not None
            rows.append(
                {
                    "shape": name,
                    "trial": trial,
                    "accuracy": found.mean,
                    "low": found.low,
                    "high": found.high,
                }
            )
    base = alt.Chart().encode(
        x=alt.X("trial:Q", title="Trials", scale=alt.Scale(nice=False)),
        color=axes.shape_color(_SAMPLERS),
    )
    band = base.mark_area(opacity=0.1).encode(y=_best("low:Q"), y2="high:Q")
    line = base.mark_line(strokeWidth=2).encode(y=_best("accuracy:Q"))
    chart = axes.framed(
        axes.layers(band, line), rows, "Best accuracy so far against trials"
    )
    path.write_bytes(to_png(to_svg(chart.to_dict())))


def _best(field: str) -> alt.Y:
    return alt.Y(
        field,
        title="Best validation accuracy so far (%)",
        scale=alt.Scale(zero=False, padding=8),
    )


if __name__ == "__main__":
    main()
