"""`rexpand search run` against the script that a user would write (`plain_search.py`).

Claim: on two cores at least twice as many configurations an hour. Both train the same
configurations of search_18 within 30M macs on the same CIFAR-100 images, with the same
crops, flips, batches, optimiser, schedule and epochs, and judge each epoch on the same
held-out images; the networks have the same number of parameters. rexpand trains two at a
time, on one thread each; the script trains one after the other, on both cores, and first
gets a trial of each of its settings (workers of the loader, order of memory), of which
the fastest one is used. Both are studies of Optuna, whose clock counts from the first
trial's start to the last one's end: the processes that rexpand starts count, the import
of torch by the command itself and by the script does not. The mean accuracies of both are
in the findings: they must be alike.
"""

import json
import os
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory

import numpy as np

from interleave import Report, interleave, parser, ratio
from rexpand.data.dataset import with_train_subset
from rexpand.data.load import load
from rexpand.data.split import hold_out
from rexpand.search.stored import read_trials
from rexpand.search.summary import summarise

_OURS, _PLAIN = "rexpand search run", "plain script"
_BUDGET = ("--macs", "30M", "--params", "205k")
_SETTINGS: Mapping[str, tuple[str, ...]] = {
    f"{workers} workers, {'channels last' if last else 'contiguous'}": (
        *("--workers", str(workers)),
        *(("--channels-last",) if last else ()),
    )
    for workers in (0, 1, 2)
    for last in (False, True)
}


@dataclass(kw_only=True)
class Protocol:
    """What both do; `folder` holds the images, the configurations and the studies."""

    folder: Path
    trials: int
    images: int
    held_out: int
    epochs: int
    setting: tuple[str, ...] = ()
    seconds: dict[str, list[float]] = field(default_factory=dict)  # whole processes
    accuracies: dict[str, list[float]] = field(default_factory=dict)
    params: dict[str, list[int]] = field(default_factory=dict)
    turns: "count[int]" = field(default_factory=count)

    def write_images(self) -> None:
        """The images that rexpand trains on and judges by, as arrays."""
        subset = with_train_subset(
            load("cifar100"), self.images, held_out=self.held_out, seed=0
        )
        parts = hold_out(subset.train, self.held_out, seed=0)
        arrays = {}
        for name, split in zip(("train", "held_out"), parts, strict=True):
            arrays[f"{name}_images"] = split.images.numpy()[split.rows]  # type: ignore[attr-defined]
            arrays[f"{name}_labels"] = np.asarray(split.labels)
        normalisation = subset.train.normalisation  # type: ignore[attr-defined]
        np.savez(
            self.folder / "images.npz",
            mean=normalisation.mean,
            std=normalisation.std,
            **arrays,
        )

    def ours(self) -> float:
        """Seconds a configuration; the first call also writes the configurations."""
        study = self.folder / f"study-{next(self.turns)}"
        self._run(
            _OURS,
            [
                *("-m", "rexpand", "search", "run", "--data", "cifar100"),
                *("--network", "search_18", *_BUDGET, "--trials", str(self.trials)),
                *("--seeds", "1", "--recipe", "quick", "--epochs", str(self.epochs)),
                *("--set", f"validation={self.held_out}"),
                *("--train-subset", str(self.images), "--jobs", "2"),
                *("--out", str(study), "--json"),
            ],
        )
        trials = summarise(study).trials
        channels = [trial.channels for trial in trials]
        (self.folder / "configurations.json").write_text(json.dumps(channels))
        self._note(_OURS, [trial.accuracy or 0.0 for trial in trials])
        network = load_params(study, self.trials)
        self.params[_OURS] = network
        times = read_trials(study)
        started = min(each.datetime_start for each in times if each.datetime_start)
        ended = max(each.datetime_complete for each in times if each.datetime_complete)
        return (ended - started).total_seconds() / self.trials

    def plain(self, setting: Sequence[str] | None = None, trials: int = 0) -> float:
        """Seconds a configuration of the script; of the first `trials`, if given."""
        configurations = self.folder / "configurations.json"
        if trials:
            chosen = json.loads(configurations.read_text())[:trials]
            configurations = self.folder / "few.json"
            configurations.write_text(json.dumps(chosen))
        said = self._run(
            _PLAIN,
            [
                str(Path(__file__).with_name("plain_search.py")),
                *(str(self.folder / "images.npz"), str(configurations)),
                *("--epochs", str(self.epochs)),
                *(self.setting if setting is None else setting),
            ],
        )
        found = json.loads(said.splitlines()[-1])
        if not trials:
            self._note(_PLAIN, found["accuracies"])
            self.params[_PLAIN] = found["params"]
        return float(found["seconds"]) / len(found["accuracies"])

    def _run(self, name: str, arguments: Sequence[str]) -> str:
        """What a program prints; the time of all of it is kept."""
        environment = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        self.seconds.setdefault(name, []).append(time.perf_counter() - started)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)}\n{done.stderr[-2000:]}")
        return done.stdout

    def _note(self, name: str, accuracies: Sequence[float]) -> None:
        self.accuracies.setdefault(name, []).extend(accuracies)


def load_params(study: Path, trials: int) -> list[int]:
    """The parameters of the networks that were trained, classifiers included."""
    records = [
        json.loads((study / f"trials/{n:04d}/seed-0/record.json").read_text())
        for n in range(trials)
    ]
    return [int(each["params"]) for each in records]


def main() -> None:
    options = parser(__doc__, rounds=3)
    options.add_argument("--trials", type=int, default=6, help="of each study")
    options.add_argument("--images", type=int, default=800, help="to train on")
    chosen = options.parse_args()
    libraries = ("torch", "torchvision", "timm", "optuna", "numpy")
    report = Report(__file__, chosen, libraries)
    with TemporaryDirectory() as folder:
        _compare(_protocol(chosen, Path(folder)), report, chosen)
    report.close()


def _protocol(chosen: Namespace, folder: Path) -> Protocol:
    is_smoke = chosen.smoke
    return Protocol(
        folder=folder,
        trials=2 if is_smoke else chosen.trials,
        images=200 if is_smoke else chosen.images,
        held_out=100 if is_smoke else chosen.images // 4,
        epochs=1 if is_smoke else 2,
    )


def _compare(protocol: Protocol, report: Report, chosen: Namespace) -> None:
    protocol.write_images()
    protocol.ours()
    tried = list(_SETTINGS)[-2:] if chosen.smoke else list(_SETTINGS)
    each = {name: protocol.plain(_SETTINGS[name], trials=1) for name in tried}
    best = min(each, key=lambda name: each[name])
    protocol.setting = _SETTINGS[best]
    report.table(
        ("setting of the script", "seconds a configuration"),
        [(name, f"{seconds:.2f}") for name, seconds in each.items()],
    )
    protocol.accuracies.clear()
    protocol.seconds.clear()
    rivals = {_OURS: partial(protocol.ours), _PLAIN: partial(protocol.plain)}
    timings = interleave(rivals, report.rounds)
    assert protocol.params[_OURS] == protocol.params[_PLAIN], "unlike networks"
    report.timings(timings.values())
    report.ratios([ratio(timings[_PLAIN], timings[_OURS])])
    print("target: the script takes at least twice as long for a configuration\n")
    report.finding("setting of the script", best, f"setting of the script: {best}")
    for name, timing in timings.items():
        hour = 3600 / timing.median
        report.finding(f"{name}, an hour", hour, f"{name}: {hour:,.0f} an hour")
        found = protocol.accuracies[name]
        said = f"{mean(found):.2f} % (s {stdev(found):.2f}, n {len(found)})"
        report.finding(f"{name}, accuracies", found, f"{name}: mean accuracy {said}")
        whole = protocol.seconds[name]
        report.finding(
            f"{name}, seconds of the whole process",
            whole,
            f"{name}: the whole process took {mean(whole):.1f} s",
        )
    print(
        f"{protocol.trials} configurations, {protocol.images:,} images, "
        f"{protocol.epochs} epochs, judged on {protocol.held_out:,}"
    )


if __name__ == "__main__":
    main()
