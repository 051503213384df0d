"""What a training step takes in memory and time, by what the recipe does to spare them.

mobilenetv2_100 on flowers at 224 pixels, batch 32. Each way is a process of its own that
takes four steps. Memory is the kernel's peak of the process, less that of one which has
imported everything and read the data. The time of a step is the median of the last three;
the first one of a compiled network also compiles it, so that it pays after so many steps.
"""

import json
import os
import subprocess
import sys
from statistics import median

from interleave import Report, Timing, parser, ratio

Values = dict[str, int | bool]  # fields of the recipe

_WAYS: dict[str, Values] = {
    "as it is": {},
    "accumulation 2": {"accumulation": 2},
    "accumulation 4": {"accumulation": 4},
    "accumulation 8": {"accumulation": 8},
    "checkpointing": {"checkpointing": True},
    "accumulation 4 and checkpointing": {"accumulation": 4, "checkpointing": True},
    "compile": {"compile": True},
}
_STEPS = 4
_CASE = ("mobilenetv2_100", "flowers12", "plain", "32")
_SMOKE = ("search_18", "digits", "digits", "32")
_TRAINING = """
import json, sys, time
from dataclasses import replace
from tempfile import TemporaryDirectory
import torch, accelerate, torchvision
from rexpand.data.load import load
from rexpand.recipe import RECIPES
from rexpand.train import Silence, train

network, data, recipe, batch, steps, values = sys.argv[1:]
changes = json.loads(values)
seconds, begun = [], time.perf_counter()

class Steps(Silence):
    def advance(self, images):
        global begun
        seconds.append(time.perf_counter() - begun)
        if len(seconds) == int(steps):
            raise KeyboardInterrupt
        begun = time.perf_counter()

recipe = replace(RECIPES[recipe], batch_size=int(batch), **changes)
images = load(data)
with TemporaryDirectory() as folder:
    begun = time.perf_counter()
    try:
        if int(steps):
            train(network, recipe, images, folder=folder + "/run", progress=Steps())
    except KeyboardInterrupt:
        pass
print(*seconds)
"""


def main() -> None:
    options = parser(__doc__, rounds=3).parse_args()
    report = Report(__file__, options, ("torch", "torchvision", "accelerate", "numpy"))
    case = _SMOKE if options.smoke else _CASE
    peaks: dict[str, list[float]] = {name: [] for name in _WAYS}
    steps: dict[str, list[list[float]]] = {name: [] for name in _WAYS}
    for _ in range(report.rounds):
        empty, _none = _trained(case, 0, {})
        for name, values in _WAYS.items():
            peak, seconds = _trained(case, _STEPS, values)
            peaks[name].append(peak - empty)
            steps[name].append(seconds)
    later = {
        name: Timing(name=name, seconds=tuple(median(each[1:]) for each in found))
        for name, found in steps.items()
    }
    report.timings(later.values())
    usual = later["as it is"]
    report.ratios([ratio(each, usual) for each in later.values() if each is not usual])
    for name, found in peaks.items():
        line = (
            f"{name}: {median(found):,.0f} MB ({min(found):,.0f} to {max(found):,.0f})"
        )
        report.finding(name, found, line)
    _tell_of_compiling(report, steps, later)
    report.close()


def _tell_of_compiling(
    report: Report, steps: dict[str, list[list[float]]], later: dict[str, Timing]
) -> None:
    """After how many steps the time of compiling is won back, if ever."""
    first = {name: median(each[0] for each in found) for name, found in steps.items()}
    cost = first["compile"] - first["as it is"]
    gain = later["as it is"].median - later["compile"].median
    won = f"after {cost / gain:,.0f} steps" if gain > 0 else "never"
    line = f"compiling takes {cost:.0f} s more in the first step, won back {won}"
    report.finding("compiling", {"cost": cost, "gain": gain}, line)


def _trained(
    case: tuple[str, ...], steps: int, values: Values
) -> tuple[float, list[float]]:
    """The peak of a process in MB, and the seconds of its steps."""
    process = subprocess.Popen(
        [sys.executable, "-c", _TRAINING, *case, str(steps), json.dumps(values)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"{case} with {values} ended with {status}"
    return usage.ru_maxrss / 1024, [float(each) for each in printed.split()]


if __name__ == "__main__":
    main()
