"""How soon a training takes its first step, once everything is imported.

Claim: under 5 s, on CIFAR-100 from one file and on a folder of images at 224 pixels. Each
start is a process of its own: the imports are timed, then everything that `rexpand train` does
until its first step is over (the data read and fingerprinted, the network built, the
batch augmented, forward, backward, the optimiser).
"""

import subprocess
import sys
from collections.abc import Sequence

from interleave import Report, Timing, parser

_CASES = {
    "search_18 on CIFAR-100, batch 128": ("search_18", "cifar100", "cifar", "128"),
    "rexnet_100 on flowers at 224, batch 32": (
        "rexnet_100",
        "flowers12",
        "folder",
        "32",
    ),
}
_SMOKE = {"search_18 on digits": ("search_18", "digits", "digits", "32")}
_START = """
import sys, time
begun = time.perf_counter()
from dataclasses import replace
from tempfile import TemporaryDirectory
import torch, accelerate, torchvision
from rexpand.data.load import load
from rexpand.memory import keep_freed_memory
from rexpand.recipe import RECIPES
from rexpand.train import Silence, train

imported = time.perf_counter()

class First(Silence):
    def advance(self, images):
        print(imported - begun, time.perf_counter() - imported)
        raise KeyboardInterrupt

network, data, recipe, batch = sys.argv[1:]
keep_freed_memory()
with TemporaryDirectory() as folder:
    try:
        train(
            network,
            replace(RECIPES[recipe], batch_size=int(batch)),
            load(data),
            folder=folder + "/run",
            progress=First(),
        )
    except KeyboardInterrupt:
        pass
"""


def main() -> None:
    options = parser(__doc__, rounds=7).parse_args()
    report = Report(__file__, options, ("torch", "torchvision", "accelerate", "numpy"))
    cases = _SMOKE if options.smoke else _CASES
    starts: dict[str, list[tuple[float, float]]] = {name: [] for name in cases}
    for _ in range(report.rounds + 1):  # the first one fills the caches of files
        for name, case in cases.items():
            starts[name].append(_start(case))
    timings = []
    for name, found in starts.items():
        imports, first = zip(*found[1:], strict=True)
        timings += [
            Timing(name=f"imports, {name}", seconds=imports),
            Timing(name=f"first step, {name}", seconds=first),
        ]
    report.timings(timings)
    for timing in timings[1::2]:
        line = f"{timing.name}: {timing.median:.2f} s after imports; target under 5 s"
        report.finding(timing.name, timing.median, line)
    report.close()


def _start(case: Sequence[str]) -> tuple[float, float]:
    """Seconds of the imports, and from there to the end of the first step."""
    done = subprocess.run(
        [sys.executable, "-c", _START, *case],
        check=True,
        capture_output=True,
        text=True,
    )
    imports, first = done.stdout.split()
    return float(imports), float(first)


if __name__ == "__main__":
    main()
