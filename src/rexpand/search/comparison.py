"""Two networks trained alike for some seeds: which is better, and how sure that is.

Seeds come in turn, each for both networks, and compare pair by pair: the verdict is the
mean of the paired differences with its t interval. Every training leaves its record, so
a comparison that was stopped goes on where it stood.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from rexpand.cost import cost_of
from rexpand.errors import StudyError
from rexpand.recipe import Recipe, recipe_from_dict
from rexpand.records import Interval, Machine, Record, write_atomic
from rexpand.search.driver import StudyProgress
from rexpand.search.factor_summary import CONFIDENCE, interval
from rexpand.search.in_turn import read_record, trained
from rexpand.search.worker import Task
from rexpand.search.workers import Workers
from rexpand.spec import NetworkSpec, network_from_json, network_to_dict

VERSION = 1
FILE, SUMMARY = "comparison.json", "verdict.json"
SIDES = ("before", "after")

VerdictWord = Literal["better", "worse", "undecided"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two networks, one recipe, the same seeds from 0, the same training images.

    `train_subset` is the number of training images (0 for all) besides those that the
    recipe holds out.
    """

    before: NetworkSpec
    after: NetworkSpec
    recipe: Recipe
    data: str
    seeds: int
    train_subset: int = 0

    def __post_init__(self) -> None:
        if self.seeds < 1:
            raise StudyError(f"seeds is {self.seeds}; give at least 1")


@dataclass(frozen=True, kw_only=True)
class Side:
    """A network of the comparison: accuracies in percent, one a finished seed."""

    channels: tuple[int, ...]
    params: int
    macs: int
    accuracies: tuple[float, ...]
    accuracy: Interval | None


@dataclass(frozen=True, kw_only=True)
class ComparisonSummary:
    """What was found so far; `gain` is after less before, over seeds that both have.

    The new network is better or worse where the interval of the gain leaves out 0.
    """

    data: str
    images: int
    evaluated_on: str
    recipe: Mapping[str, Any]
    seeds: int
    before: Side
    after: Side
    gains: tuple[float, ...]
    gain: Interval | None
    verdict: VerdictWord
    confidence: float
    seconds: float
    machines: tuple[Machine, ...]
    versions: Mapping[str, str]
    version: int = VERSION


def create_comparison_folder(design: Comparison, folder: Path) -> None:
    """Write the design, or check that the folder holds the same one.

    The number of seeds may change: every seed has its own record. Raises StudyError if
    the folder holds another comparison.
    """
    path = folder / FILE
    saved = _read(path) if path.exists() else design
    changed = [
        field.name
        for field in fields(Comparison)
        if field.name != "seeds"
        and getattr(saved, field.name) != getattr(design, field.name)
    ]
    if changed:
        raise StudyError(
            f"{folder} holds a comparison with other settings ({', '.join(changed)}); "
            "give the same ones to go on with it, or another --out"
        )
    write_atomic(path, json.dumps(_to_dict(design), indent=2))


def run_comparison(
    design: Comparison,
    folder: Path,
    workers: Workers,
    progress: StudyProgress,
    data_root: Path | None = None,
) -> ComparisonSummary:
    """Train both for every seed, from wherever the folder stands; leave the verdict.

    Raises StudyError if another process is at work in the folder.
    """
    for _ in trained(_tasks(design, folder, data_root), folder, workers, progress):
        _leave_summary(design, folder)
    return _leave_summary(design, folder)


def summarise_comparison(design: Comparison, folder: Path) -> ComparisonSummary:
    """The verdict of the seeds that are finished."""
    before, after = (_records(design, folder, side) for side in SIDES)
    both = sorted(before.keys() & after.keys())
    gains = tuple(after[seed].accuracy - before[seed].accuracy for seed in both)
    gain = interval(gains)
    every = [*before.values(), *after.values()]
    return ComparisonSummary(
        data=design.data,
        images=every[0].images if every else design.train_subset,
        evaluated_on="validation" if design.recipe.validation else "test",
        recipe=design.recipe.to_dict(),
        seeds=design.seeds,
        before=_side(design.before, before),
        after=_side(design.after, after),
        gains=gains,
        gain=gain,
        verdict=_verdict(gain),
        confidence=CONFIDENCE,
        seconds=sum(record.seconds for record in every),
        machines=tuple(dict.fromkeys(record.machine for record in every)),
        versions=every[0].versions if every else {},
    )


def _leave_summary(design: Comparison, folder: Path) -> ComparisonSummary:
    summary = summarise_comparison(design, folder)
    write_atomic(folder / SUMMARY, json.dumps(asdict(summary), indent=2))
    return summary


def _verdict(gain: Interval | None) -> VerdictWord:
    if gain is None or gain.low is None or gain.high is None:
        return "undecided"
    if gain.low > 0:
        return "better"
    return "worse" if gain.high < 0 else "undecided"


def _side(spec: NetworkSpec, records: Mapping[int, Record]) -> Side:
    accuracies = tuple(record.accuracy for record in records.values())
    cost = cost_of(spec)
    return Side(
        channels=spec.channels,
        params=cost.params,
        macs=cost.macs,
        accuracies=accuracies,
        accuracy=interval(accuracies),
    )


def _records(design: Comparison, folder: Path, side: str) -> dict[int, Record]:
    found = {
        seed: read_record(_place(folder, side, seed)) for seed in range(design.seeds)
    }
    return {seed: record for seed, record in found.items() if record is not None}


def _tasks(design: Comparison, folder: Path, data_root: Path | None) -> Iterator[Task]:
    for seed in range(design.seeds):
        for side, spec in zip(SIDES, (design.before, design.after), strict=True):
            yield Task(
                spec=spec,
                recipe=design.recipe,
                seed=seed,
                data=design.data,
                data_root=data_root,
                train_subset=design.train_subset,
                subset_seed=0,
                folder=_place(folder, side, seed),
            )


def _place(folder: Path, side: str, seed: int) -> Path:
    return folder / side / f"seed-{seed}"


def _to_dict(design: Comparison) -> dict[str, Any]:
    return {
        "version": VERSION,
        "data": design.data,
        "seeds": design.seeds,
        "train_subset": design.train_subset,
        "recipe": design.recipe.to_dict(),
        "before": network_to_dict(design.before),
        "after": network_to_dict(design.after),
    }


def _read(path: Path) -> Comparison:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content.pop("version")
        if version == VERSION:
            specs = {
                side: network_from_json(json.dumps(content[side]), str(path))
                for side in SIDES
            }
            recipe = recipe_from_dict(content["recipe"])
            return Comparison(**{**content, **specs, "recipe": recipe})
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        if isinstance(error, StudyError):
            raise
        raise StudyError(f"{path} is corrupt; give another --out") from None
    raise StudyError(
        f"{path} was made by version {version} of the format, this rexpand reads "
        f"{VERSION}; go on with the rexpand that made it"
    )
