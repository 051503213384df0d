"""What a study costs besides its training: memory of a search, seconds of a report.

Claim: `rexpand search run` on CIFAR-100 peaks at 1.5 GB, driver and worker together, and
`rexpand search report` of 1,000 finished trials takes 5 s as a whole process, of 10,000
in 20 s and 2 GB. The peak is the kernel's (wait4), of a process with one worker inside;
256 images train for an epoch, with `--full` all of them. The studies of 1,000 and 10,000
trials are made up, for the clock alone: channels from the sampler and the journal from Optuna, as in a search, and
accuracies from a seeded generator that knows nothing of networks.
"""

import os
import resource
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from interleave import Report, duration, interleave, parser, stopwatch
from rexpand.data.places import root_folder

_SCRIPT = str(Path(sys.executable).with_name("rexpand"))
_SEARCH = "--network search_18 --macs 30M --params 205k --trials 1 --seeds 1 --epochs 1"
_SUBSET = 256
_TRIALS = {1000: 5, 10_000: 20}  # and the seconds that a report may take
_GB = 1e9


def main() -> None:
    options = parser(__doc__, rounds=5)
    options.add_argument("--full", action="store_true", help="train on all images")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "optuna", "altair", "numpy"))
    with TemporaryDirectory() as folder:
        _memory(report, chosen, Path(folder))
        for trials, seconds in ({20: 5} if chosen.smoke else _TRIALS).items():
            _report(report, trials, seconds, Path(folder) / f"made-up-{trials}")
    report.close()


def _memory(report: Report, options: Namespace, folder: Path) -> None:
    root = root_folder(None)
    real = any((root / n).exists() for n in ("cifar100.npz", "cifar-100-python"))
    data = "digits" if options.smoke or not real else "cifar100"
    subset = [] if options.full else ["--train-subset", str(_SUBSET)]
    command = [_SCRIPT, "search", "run", "--data", data, *_SEARCH.split(), *subset]
    if data == "digits":  # images of 8x8
        command += ["--macs", "2M"]
    peaks = [
        _peak_bytes([*command, "--out", str(folder / f"search-{turn}")])
        for turn in range(report.rounds)
    ]
    middle = sorted(peaks)[len(peaks) // 2]
    report.finding(
        "peak_bytes",
        {"data": data, "full": options.full, "peaks": peaks},
        f"peak memory of a search on {data}, "
        f"{'all' if options.full else _SUBSET} training images: median "
        f"{middle / _GB:.2f} GB, {min(peaks) / _GB:.2f} to {max(peaks) / _GB:.2f}, "
        f"{len(peaks)} runs; target 1.5 GB"
        f"{'' if data == 'cifar100' else ' (on CIFAR-100, set REXPAND_DATA)'}\n",
    )


def _peak_bytes(command: Sequence[str]) -> int:
    """Peak resident memory of a process that waits for all its children."""
    # A child is born with its parent's peak, so the parent has to be small: no torch.
    own = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    nowhere = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=nowhere, stderr=nowhere) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}")
    peak = 1024 * usage.ru_maxrss
    assert own < peak / 2, f"this process has {own:,} bytes itself"
    return peak


def _report(report: Report, trials: int, target: int, folder: Path) -> None:
    started = time.perf_counter()
    subprocess.run([sys.executable, _maker(), str(folder), str(trials)], check=True)
    made = time.perf_counter() - started
    line = f"the study of {trials:,} trials was made up in {duration(made)}\n"
    report.finding("made_up_seconds", made, line)
    command = [_SCRIPT, "search", "report", str(folder), "--json"]
    whole = partial(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
    name = f"rexpand search report, {trials:,} trials"
    timings = interleave({name: stopwatch(whole)}, report.rounds)
    report.timings(timings.values())
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    peak = _peak_bytes(command)
    line = (
        f"{trials:,} trials: {timings[name].median:.2f} s, peak {peak / _GB:.2f} GB, "
        f"{size / 1e6:.1f} MB on disk; target {target} s and 2 GB\n"
    )
    found = {"trials": trials, "seconds": timings[name].median, "peak_bytes": peak}
    report.finding(f"report_of_{trials}", found, line)


def _maker() -> str:
    return str(Path(__file__).with_name("made_up_study.py"))


if __name__ == "__main__":
    main()
