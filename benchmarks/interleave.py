"""Rivals timed against each other: interleaved rounds, and the ratios of each round.

Whatever slows the machine for a while slows every rival of that round. So a ratio is
the median of the per-round ratios, with its interquartile range, and never a quotient
of two numbers that were measured at different times.
"""

import json
import math
import os
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rexpand.cli.console import print_table
from rexpand.records import library_versions, this_machine

Stopwatch = Callable[[], float]  # runs its rival, gives seconds a call
_LEAST_SECONDS = 0.1  # in which a rival of a round is called again and again
_UNITS = ((1.0, "s "), (1e-3, "ms"), (1e-6, "us"))


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds a call of one rival, one number a round."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle round."""
        return float(np.median(self.seconds))

    def per(self, count: float, name: str | None = None) -> "Timing":
        """Seconds for one of the `count` things that a call does."""
        seconds = tuple(each / count for each in self.seconds)
        return Timing(name=name or self.name, seconds=seconds)


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Time of `over` divided by that of `under`: median and quartiles of the rounds."""

    over: str
    under: str
    median: float
    low: float
    high: float


def interleave(rivals: Mapping[str, Stopwatch], rounds: int) -> dict[str, Timing]:
    """Let every rival run once a round, each round from another one on.

    One round before the first warms up and is thrown away.
    """
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    names = list(rivals)
    for name in names:
        rivals[name]()
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(rivals[name]())
    return {name: Timing(name=name, seconds=tuple(seconds[name])) for name in names}


def stopwatch(call: Callable[[], object]) -> Stopwatch:
    """Seconds a call, over as many calls as fill a tenth of a second.

    Shorter calls run once before, uncounted: another rival used caches and threads.
    They are counted from calls in a row: one alone may take many times as long, and
    what runs a few times only pays more for its start than its rivals do.
    """
    calls = 0

    def run() -> float:
        nonlocal calls
        if not calls:
            call()  # imports and caches
            calls = 1
            while (seconds := _seconds(call, calls)) < _LEAST_SECONDS:
                calls *= 2
            alone = seconds / calls
            calls = math.ceil(_LEAST_SECONDS / alone)
            return alone
        if calls > 1:
            call()
        return _seconds(call, calls) / calls

    return run


def _seconds(call: Callable[[], object], calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - started


def ratio(over: Timing, under: Timing) -> Ratio:
    """How many times as long `over` takes as `under`."""
    each = np.array(over.seconds) / np.array(under.seconds)
    low, median, high = np.percentile(each, (25, 50, 75)).tolist()
    return Ratio(over=over.name, under=under.name, median=median, low=low, high=high)


def duration(seconds: float) -> str:
    """Four digits, in the unit that fits."""
    size, unit = next((u for u in _UNITS if seconds >= u[0]), _UNITS[-1])
    return f"{seconds / size:.4g} {unit}"


def quotient(value: float) -> str:
    """Three digits at least, without powers of ten: 0.98, 12.3, 4,580."""
    return f"{value:,.{max(0, 2 - max(0, math.floor(math.log10(value or 1))))}f}"


def parser(doc: str | None, *, rounds: int) -> ArgumentParser:
    """The options that every benchmark has."""
    options = ArgumentParser(description=(doc or "").splitlines()[0])
    options.add_argument("--rounds", type=int, default=rounds, help="of all rivals")
    options.add_argument("--smoke", action="store_true", help="tiny sizes: no numbers")
    options.add_argument("--json", type=Path, metavar="FILE", help="append a line here")
    return options


class Report:
    """Prints what is measured as it comes, and keeps it for `--json`."""

    def __init__(self, file: str, options: Namespace, libraries: Sequence[str]) -> None:
        self.rounds = min(options.rounds, 2) if options.smoke else options.rounds
        self._json: Path | None = options.json
        machine, load = this_machine(), os.getloadavg()[0]
        versions = library_versions(("rexpand", *libraries))
        self._document: dict[str, Any] = {
            "benchmark": Path(file).stem,
            "smoke": options.smoke,
            "machine": asdict(machine),
            "versions": versions,
            "load": load,
            "timings": [],
            "ratios": [],
            "findings": {},
        }
        print(
            f"{Path(file).stem}: {machine.cpu}, {machine.cores} cores, "
            f"{machine.memory_gb} GiB, {machine.system}; load average {load:.2f}"
        )
        print(", ".join(f"{name} {version}" for name, version in versions.items()))
        print("SMOKE: tiny sizes, no numbers to quote\n" if options.smoke else "")

    def timings(self, timings: Iterable[Timing]) -> None:
        """Median, least and most of each rival."""
        rows = []
        for t in timings:
            self._document["timings"].append(asdict(t))
            times = (t.median, min(t.seconds), max(t.seconds))
            rows.append([t.name, *map(duration, times), len(t.seconds)])
        self.table(("rival", "median", "min", "max", "rounds"), rows)

    def ratios(self, ratios: Iterable[Ratio]) -> None:
        """Each ratio with its interquartile range."""
        rows = []
        for r in ratios:
            self._document["ratios"].append(asdict(r))
            spread = f"{quotient(r.low)} to {quotient(r.high)}"
            rows.append([r.over, r.under, quotient(r.median), spread])
        self.table(("time of", "over time of", "ratio", "quartiles"), rows)

    def table(self, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Columns that line up, and an empty line."""
        print_table(header, rows)
        print()

    def finding(self, name: str, value: object, line: str) -> None:
        """A number besides the times, and the line that tells it."""
        self._document["findings"][name] = value
        print(line)

    def close(self) -> None:
        """Append everything as one JSON line, if it is asked for."""
        if self._json:
            with self._json.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(self._document)}\n")
