"""Early stopping under two schedules: what it saves, and what it costs.

    python benchmarks/early_stopping.py --data digits --images 300 --seeds 8

Each seed is trained once per schedule to its end, and judged after every epoch on the
images that the recipe holds out and on test images. A run with patience is the first
part of that run, so every patience is read off the same trainings: the accuracy of its
last epoch and of its best one, chosen on the held-out images and reported on the test
images. `averaged` is the constant rate once more: the moving average of its weights,
which costs no second training.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

import torch

from rexpand.data.dataset import DataSet, with_train_subset
from rexpand.data.load import load
from rexpand.data.split import stratified_subset
from rexpand.memory import keep_freed_memory
from rexpand.recipe import EMA, RECIPES, Constant, Cosine, Recipe
from rexpand.spec import network
from rexpand.train import Silence, evaluate, fitted
from rexpand.train.design import TrainingDesign
from rexpand.train.epoch import with_epoch
from rexpand.train.run import prepared
from rexpand.train.state import Progressed

_AVERAGED = "averaged"
_SCHEDULES = ("cosine", "constant", _AVERAGED)
_PATIENCES = (2, 5, 10, None)
_HEADER = ("data", "schedule", "seed", "epoch", "validation", "test")


def main() -> None:
    chosen = _options()
    keep_freed_memory()
    recipe = replace(RECIPES[chosen.recipe], epochs=chosen.epochs, patience=0)
    if chosen.held_out:
        recipe = replace(recipe, validation=chosen.held_out)
    cosine = replace(recipe, schedule=Cosine())
    constant = replace(
        recipe, schedule=Constant(), averaging=EMA(decay=chosen.averaging)
    )
    data = load(chosen.data)
    data = with_train_subset(data, chosen.images, held_out=recipe.validation, seed=0)
    if chosen.tested < len(data.test):
        data = replace(data, test=stratified_subset(data.test, chosen.tested, seed=0))
    new = not chosen.out.exists()
    with chosen.out.open("a", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        if new:
            rows.writerow(_HEADER)
        for seed in range(chosen.seeds):
            for asked in (cosine, constant):
                for row in _rows(asked, data, seed):
                    rows.writerow((chosen.data, *row))
                file.flush()
    _report(chosen.out, chosen.data)


def _rows(
    recipe: Recipe, data: DataSet, seed: int
) -> Iterator[tuple[str, int, int, float, float]]:
    """Schedule, seed and epoch with its accuracies on held-out and on test images."""
    design = TrainingDesign(
        spec=fitted(network("search_18"), data),
        recipe=recipe,
        seed=seed,
        data=data.name,
        images=len(data.train),
        data_fingerprint="",
    )
    torch.manual_seed(seed)
    run = prepared(design, data, None)
    judged = {recipe.schedule.kind: run.network}
    if run.trained.average:
        judged[_AVERAGED] = run.trained.average
    done = Progressed()
    for epoch in range(recipe.epochs):
        done = with_epoch(run, done, Silence())
        for name, judged_by in judged.items():
            held_out, test = (
                round(evaluate(judged_by, split, run.accelerator.device).accuracy, 4)
                for split in (run.held_out, data.test)
            )
            yield name, seed, epoch, held_out, test


def _report(path: Path, data: str) -> None:
    """A line per schedule and patience: mean over the seeds, and their deviation."""
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["data"] == data]
    print("schedule  patience  epochs  test, last  test, best  best - last  seeds")
    for name in _SCHEDULES:
        seeds = sorted({row["seed"] for row in rows if row["schedule"] == name})
        runs = [
            [
                (float(row["validation"]), float(row["test"]))
                for row in rows
                if (row["schedule"], row["seed"]) == (name, seed)
            ]
            for seed in seeds
        ]
        for patience in _PATIENCES if runs else ():
            _line(name, patience, [_cut(run, patience) for run in runs])


def _cut(
    run: list[tuple[float, float]], patience: int | None
) -> list[tuple[float, float]]:
    """The epochs until patience ran out."""
    best = 0
    for epoch, (accuracy, _) in enumerate(run):
        if accuracy > run[best][0]:
            best = epoch
        if patience is not None and epoch - best >= patience:
            return run[: epoch + 1]
    return run


def _line(
    name: str, patience: int | None, runs: list[list[tuple[float, float]]]
) -> None:
    last = [run[-1][1] for run in runs]
    best = [max(run, key=lambda each: each[0])[1] for run in runs]
    gains = [one - other for one, other in zip(best, last, strict=True)]
    print(
        f"{name:8}  {patience or 'none':>8}  {mean(map(len, runs)):6.1f}  "
        f"{_spread(last):>10}  {_spread(best):>10}  {_spread(gains):>11}  {len(runs):5}"
    )


def _spread(values: list[float]) -> str:
    return f"{mean(values):.2f}±{stdev(values):.2f}" if len(values) > 1 else f"{values}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--recipe", default="digits")
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--tested", type=int, default=2500)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--held-out", type=int, help="default: the recipe's")
    parser.add_argument("--averaging", type=float, default=0.99)
    parser.add_argument("--out", type=Path, default=Path("early_stopping.csv"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
