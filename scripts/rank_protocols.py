"""Score protocols of the layer study by the printed Figure 1; the whole grid is kept.

    python scripts/rank_protocols.py GRID [--networks 10] [--out results/rank/protocols.csv]
    python scripts/rank_protocols.py last-test STUDY.json ... --out results/rank/last_test.csv

A protocol is a base (what decides the features) with a tolerance and a set of expansions.
Its score is the mean absolute deviation from the printed points of each panel, and the
mean of the panels. A quarter of the printed points of every panel, drawn by `KEPT_SEED`
before the first protocol was scored, is kept aside and has no part in it; `last-test`
scores layer studies by those points alone.

Features of all tolerances and, per expansion, of all sets of expansions are measured
once. A base that the file has is not measured again, so a stopped grid goes on. All
images are one pixel: on larger ones linear 3x3 convolutions leave the printed diagonal.
There a 3x3 convolution is a 1x1, but rules of weights count its nine taps; so panel (b)
is measured for itself, by the grid `convolutions`, and has no part in the others.
"""

import argparse
import csv
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from statistics import mean
from typing import get_args

import torch

from rexpand.rank.estimators import numerical_rank
from rexpand.rank.layers import ACTIVATIONS
from rexpand.rank.measure import Task, spectra
from rexpand.rank.protocol import (
    Activated,
    Inputs,
    Protocol,
    Shortcut,
    Weights,
    choices_text,
)
from rexpand.rank.published import PANELS, published_points
from rexpand.rank.tolerance import Relative, Tolerance, TorchDefault, describe
from rexpand.records import LayerStudy, PublishedPoint, read_record

KEPT_SEED = 15
KEPT_SHARE = 0.25
BOTTLENECK_RATIOS = (0.1, 0.3, 0.6, 1.0)
DIM_RATIOS = (0.1, 0.2, 0.3, 0.4, 0.6, 1.0)  # of the grid; the last test has all
TOLERANCES: tuple[Tolerance, ...] = (
    TorchDefault(),
    *map(Relative, (1e-5, 3e-5, 1e-4, 2e-4, 3e-4, 5e-4)),
    *map(Relative, (1e-3, 2e-3, 3e-3, 5e-3, 1e-2)),
)
BOTTLENECKS = ("inverted_bottleneck", "inverted_bottleneck_dw")
SINGLE = (1, 2, 3, 4, 6)
EXPANSIONS = (
    *((number,) for number in SINGLE),
    *(tuple(range(1, most + 1)) for most in (2, 3, 4)),
    *(tuple(range(2, most + 1)) for most in (3, 4)),
    *((1, 3), (1, 4), (1, 6), (3, 6), (1, 2, 6), (1, 3, 6), (1, 2, 4, 6), (2, 4, 6)),
)
NORMS = (("before", True), ("before", False), ("after", True))
SCALED_WEIGHTS: tuple[tuple[Weights, float], ...] = (
    *(("normal", scale) for scale in (0.1, 1.0)),
    ("symmetric", 1.0),
    *(("kaiming", scale) for scale in (1.0, 4.0)),
    *(("torch", scale) for scale in (1.0, 10.0)),
    *(("xavier", scale) for scale in (1.0, 4.0, 10.0, 30.0)),
    *(("kaiming_out", scale) for scale in (1.0, 4.0, 10.0, 30.0)),
)
BOTTLENECK_WEIGHTS: tuple[tuple[Weights, float], ...] = (
    *(("xavier", 10.0), ("kaiming_out", 10.0), ("torch", 10.0)),
    *(("kaiming", 4.0), ("normal", 1.0)),
)
AXES = (
    *("inputs", "input_scale", "weights", "norm", "centres", "sizes", "size_step"),
    *("samples_per_channel", "shortcut", "activated", "expands_by_one"),
)
SCORES = ("a", "b", "c", "d", "mean")
FIELDS = ("grid", *AXES, "expansions", "tolerance", *SCORES, "networks")
Key = tuple[str, str, float]  # structure, activation, dim_ratio


def kept_aside() -> frozenset[Key]:
    """A quarter of every panel's printed points, for the last test alone."""
    source = Random(KEPT_SEED)
    found: set[Key] = set()
    for structure in PANELS:
        own = [key(each) for each in published_points() if each.structure == structure]
        found.update(source.sample(own, round(KEPT_SHARE * len(own))))
    return frozenset(found)


def key(point: PublishedPoint) -> Key:
    """Where a printed point lies."""
    return point.structure, point.activation, point.dim_ratio


@cache
def curves(
    base: Protocol, structure: str, networks: int, ratio: float
) -> dict[str, dict[Key, float]]:
    """The mean rank ratio of every activation at a dim_ratio, by tolerance."""
    task = Task(
        protocol=replace(base, tolerance=Relative(1e-5)),
        structure=structure,
        activations=ACTIVATIONS,
        dim_ratio=ratio,
        seed=0,
        first=0,
        count=networks,
    )
    sums = torch.zeros(len(TOLERANCES), len(ACTIVATIONS), dtype=torch.float64)
    for _, values, shape in spectra(task):
        for row, tolerance in zip(sums, TOLERANCES, strict=True):
            row += (numerical_rank(values, tolerance, shape) / shape[1]).sum(0)
    return {
        describe(tolerance): {
            (structure, activation, ratio): value
            for activation, value in zip(ACTIVATIONS, row.tolist(), strict=True)
        }
        for tolerance, row in zip(TOLERANCES, sums / networks, strict=True)
    }


def panel(
    base: Protocol, structure: str, networks: int, ratios: Sequence[float]
) -> dict[str, dict[Key, float]]:
    """The curves of a structure, by tolerance; equal features are measured once."""
    found: dict[str, dict[Key, float]] = {describe(each): {} for each in TOLERANCES}
    for ratio in ratios:
        relevant = _relevant(base, structure, ratio)
        for tolerance, values in curves(relevant, structure, networks, ratio).items():
            found[tolerance] |= values
    return found


def _relevant(base: Protocol, structure: str, ratio: float) -> Protocol:
    """The base with what does not touch a structure at a dim_ratio as in `paper`."""
    plain = Protocol()
    if structure in ("conv1x1", "conv3x3"):
        return replace(
            base,
            shortcut=plain.shortcut,
            activated=plain.activated,
            expands_by_one=plain.expands_by_one,
            expansions=plain.expansions,
        )
    if base.expansions != (1,):
        base = replace(base, expands_by_one=plain.expands_by_one)
    if base.shortcut == "equal":
        base = replace(base, shortcut="padded" if ratio == 1 else "none")
    return base


def rows(
    base: Protocol, networks: int, points: Sequence[PublishedPoint]
) -> Iterator[dict[str, object]]:
    """Every protocol of a base, scored by some of the printed points."""
    ratios = BOTTLENECK_RATIOS
    convolutions = panel(base, "conv1x1", networks, ratios)
    bottlenecks = {
        (structure, number): panel(
            replace(base, expansions=(number,)), structure, networks, ratios
        )
        for structure in BOTTLENECKS
        for number in SINGLE
    }
    for tolerance, expansions in product(map(describe, TOLERANCES), EXPANSIONS):
        one = convolutions[tolerance]
        scores = {"a": deviation(one, points, "conv1x1")}
        for structure in BOTTLENECKS:
            drawn = [bottlenecks[structure, each][tolerance] for each in expansions]
            scores[PANELS[structure]] = deviation(average(drawn), points, structure)
        yield row(base, networks, tolerance, choices_text(expansions), scores)


def single_rows(
    base: Protocol, networks: int, points: Sequence[PublishedPoint]
) -> Iterator[dict[str, object]]:
    """The same by the panel of 1x1 convolutions."""
    for tolerance, one in panel(base, "conv1x1", networks, DIM_RATIOS).items():
        scores = {"a": deviation(one, points, "conv1x1")}
        yield row(base, networks, tolerance, "", scores)


def convolution_rows(
    base: Protocol, networks: int, points: Sequence[PublishedPoint]
) -> Iterator[dict[str, object]]:
    """The same by both panels of single convolutions."""
    names = ("conv1x1", "conv3x3")
    found = [panel(base, name, networks, BOTTLENECK_RATIOS) for name in names]
    for tolerance in map(describe, TOLERANCES):
        scores = {
            PANELS[name]: deviation(each[tolerance], points, name)
            for name, each in zip(names, found, strict=True)
        }
        yield row(base, networks, tolerance, "", scores)


def row(
    base: Protocol,
    networks: int,
    tolerance: str,
    expansions: str,
    scores: Mapping[str, float],
) -> dict[str, object]:
    """A protocol with its scores as the file has it."""
    return {
        **axes(base),
        "expansions": expansions,
        "tolerance": tolerance,
        **{name: f"{value:.4f}" for name, value in scores.items()},
        "mean": f"{mean(scores.values()):.4f}",
        "networks": networks,
    }


def average(curves: Sequence[Mapping[Key, float]]) -> dict[Key, float]:
    """Of expansions that are drawn with equal chances."""
    return {place: mean(each[place] for each in curves) for place in curves[0]}


def deviation(
    measured: Mapping[Key, float], points: Iterable[PublishedPoint], structure: str
) -> float:
    """Mean absolute, of a structure's curves from its printed points."""
    return mean(
        abs(measured[key(each)] - each.rank_ratio)
        for each in points
        if each.structure == structure and key(each) in measured
    )


def axes(base: Protocol) -> dict[str, str]:
    """The base as the file writes it."""
    found = {name: f"{getattr(base, name)}" for name in AXES}
    return {**found, "sizes": "{}-{}".format(*base.sizes)}


def single_grid() -> Iterator[Protocol]:
    """What single convolutions depend on; bottlenecks as in `paper`."""
    sizes, samples = ((20, 200), (10, 100)), (1.2, 2.0, 8.0)
    for inputs, (weights, scale), size, count in product(
        get_args(Inputs), SCALED_WEIGHTS, sizes, samples
    ):
        yield Protocol(
            inputs=inputs,
            input_scale=scale,
            weights=weights,
            sizes=size,
            samples_per_channel=count,
        )
    for inputs, (norm, centres), size, count in product(
        get_args(Inputs), NORMS, sizes, samples[1:]
    ):
        yield Protocol(
            inputs=inputs,
            norm=norm,
            centres=centres,
            sizes=size,
            samples_per_channel=count,
        )


def bottleneck_grid() -> Iterator[Protocol]:
    """Every form of a bottleneck under one base, the plain ones under others."""
    for (weights, scale), shortcut, activated, expands_by_one in product(
        BOTTLENECK_WEIGHTS, get_args(Shortcut), get_args(Activated), (True, False)
    ):
        is_plain = activated == "both" and expands_by_one
        if weights == "xavier" or is_plain:
            yield Protocol(
                input_scale=scale,
                weights=weights,
                shortcut=shortcut,
                activated=activated,
                expands_by_one=expands_by_one,
            )


def refined_grid() -> Iterator[Protocol]:
    """About the best of the bottlenecks: scales, sizes and samples."""
    for weights, scale, sizes, samples in (
        ("xavier", 20.0, (20, 200), 2.0),
        ("kaiming_out", 20.0, (20, 200), 2.0),
        ("xavier", 15.0, (20, 200), 4.0),
        ("xavier", 20.0, (40, 160), 2.0),
        ("kaiming_out", 15.0, (40, 160), 4.0),
        ("xavier", 30.0, (20, 200), 2.0),
    ):
        yield Protocol(
            input_scale=scale,
            weights=weights,
            sizes=sizes,
            samples_per_channel=samples,
        )


def convolution_grid() -> Iterator[Protocol]:
    """Weights whose scale depends on the taps of a kernel."""
    for weights, scale in (
        *(("xavier", scale) for scale in (10.0, 15.0, 20.0, 30.0)),
        ("kaiming_out", 20.0),
    ):
        yield Protocol(input_scale=scale, weights=weights)


def read(out: Path) -> list[dict[str, str]]:
    """The rows of the file; none if there is none yet."""
    if not out.exists():
        return []
    with out.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def score(
    grid: str, bases: Iterable[Protocol], networks: int, out: Path, seconds: float
) -> None:
    """Append the rows of each base that the file does not have."""
    scored = SCORED[grid]
    aside = kept_aside()
    points = [each for each in published_points() if key(each) not in aside]
    known = {tuple(each[name] for name in ("grid", *AXES)) for each in read(out)}
    started, is_new = time.process_time(), not out.exists()
    with out.open("a", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, FIELDS, lineterminator="\n")
        if is_new:
            writer.writeheader()
        for base in bases:
            if (grid, *axes(base).values()) in known:
                continue
            if time.process_time() - started > seconds:
                print("stopped: run the command again to go on")
                break
            writer.writerows(
                {"grid": grid, **each} for each in scored(base, networks, points)
            )
            lines.flush()


GRIDS = {
    "single": single_grid,
    "bottleneck": bottleneck_grid,
    "refined": refined_grid,
    "convolutions": convolution_grid,
}
SCORED = {
    "single": single_rows,
    "bottleneck": rows,
    "refined": rows,
    "convolutions": convolution_rows,
}


def last_test(files: Sequence[Path], out: Path) -> None:
    """Each study's deviation from the points that were searched by, and from the others."""
    aside = kept_aside()
    with out.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(
            (
                "preset",
                "networks",
                "panel",
                "points",
                "deviation_searched",
                "kept_aside",
                "deviation_kept",
            )
        )
        for file in files:
            study = read_record(LayerStudy, file)
            measured = {
                (each.structure, each.activation, each.dim_ratio): each.rank_ratio
                for each in study.points
            }
            for structure, name in PANELS.items():
                own = [p for p in published_points() if p.structure == structure]
                kept = [each for each in own if key(each) in aside]
                searched = [each for each in own if key(each) not in aside]
                scores = [
                    f"{deviation(measured, each, structure):.4f}"
                    for each in (searched, kept)
                ]
                writer.writerow(
                    (
                        study.preset,
                        study.networks,
                        name,
                        len(own),
                        scores[0],
                        len(kept),
                        scores[1],
                    )
                )
    print(out.read_text("utf-8"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("grid", choices=(*GRIDS, "last-test"))
    options.add_argument("studies", type=Path, nargs="*", help="of the last test")
    options.add_argument("--networks", type=int, default=10)
    options.add_argument("--seconds", type=float, default=600, help="of processor time")
    options.add_argument("--out", type=Path, default=Path("results/rank/protocols.csv"))
    given = options.parse_args()
    if given.grid == "last-test":
        last_test(given.studies, given.out)
        return
    torch.set_num_threads(1)
    bases = GRIDS[given.grid]()
    score(given.grid, bases, given.networks, given.out, given.seconds)
    for each in sorted(read(given.out), key=lambda each: float(each["mean"]))[:10]:
        print(*(f"{name}={each[name]}" for name in FIELDS if each[name]))


if __name__ == "__main__":
    main()
