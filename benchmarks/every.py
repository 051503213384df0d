"""Every benchmark that ends within some minutes, one after the other.

    python benchmarks/every.py --list
    python benchmarks/every.py --within 10 --out runs/benchmarks

Each is a process of its own and appends its line, with the load at its start, to a file
of its name in the folder. Minutes are those of two cores of an AMD EPYC; `about` marks
those that were not timed as a whole. What a benchmark needs and is not there is
said, and the others run. Ctrl-C ends the one that runs, and leaves the lines of those
before it.
"""

import os
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A benchmark: its usual arguments, the minutes that it takes, what it needs.

    `data` are data sets below REXPAND_DATA; with `has_weights` it reads the files below
    REXPAND_WEIGHTS. `by_hand` says why it is not run from here.
    """

    script: str
    minutes: float
    is_timed: bool = False
    arguments: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    has_weights: bool = False
    by_hand: str = ""

    @property
    def missing(self) -> str:
        """Why it cannot run here, or nothing."""
        if self.by_hand:
            return self.by_hand
        root = os.environ.get("REXPAND_DATA")
        if self.data and not root:
            return f"REXPAND_DATA is not set; it needs {', '.join(self.data)}"
        for name in self.data:
            if not list(Path(root or ".").glob(f"{name}*")):
                return f"{root} has no {name}"
        if self.has_weights and not os.environ.get("REXPAND_WEIGHTS"):
            return "REXPAND_WEIGHTS is not set"
        return ""


BENCHES = (
    Bench(script="closed_form", minutes=0.5, is_timed=True),
    Bench(script="solve", minutes=0.5, is_timed=True),
    Bench(script="command_line", minutes=1.5, is_timed=True),
    Bench(script="lint", minutes=2),
    Bench(script="module_cost", minutes=3),
    Bench(script="rank_watch", minutes=0.5, is_timed=True),
    Bench(script="explorer", minutes=2, is_timed=True),
    Bench(script="first_step", minutes=3, data=("cifar100", "flowers12")),
    Bench(script="training_step", minutes=5),
    Bench(script="rank_network", minutes=5),
    Bench(script="study_memory", minutes=6),
    Bench(script="augmentation", minutes=3, data=("flowers12",)),
    Bench(script="catalogue", minutes=2, is_timed=True, arguments=("--parts", "cost_of,inference")),
    Bench(script="rank_layers", minutes=12),
    Bench(script="search_workers", minutes=10),
    Bench(script="driver_overhead", minutes=10, arguments=("--trials", "1000")),
    Bench(script="training_memory", minutes=10, data=("flowers12",)),
    Bench(script="coco_evaluation", minutes=10),
    Bench(script="detection", minutes=15),
    Bench(script="deployed", minutes=20, arguments=("--no-compile",)),
    Bench(script="configurations_an_hour", minutes=30, data=("cifar100",)),
    Bench(
        script="quantised", minutes=40, arguments=("--both",),
        data=("imagenet_1000x1",), has_weights=True,
    ),
    Bench(
        script="friendliness", minutes=60, data=("imagenet_1000x1",), has_weights=True
    ),
    Bench(script="forecast", minutes=30, data=("cifar100", "flowers12")),
    Bench(script="samplers", minutes=120),
    Bench(
        script="self_comparison", minutes=40,
        by_hand="a hundred repeats on a quiet machine: --repeats 100",
    ),
    Bench(
        script="timm_train", minutes=40,
        by_hand="it needs timm's train.py: --train-py FILE",
    ),
    Bench(
        script="early_stopping", minutes=60,
        by_hand="it writes a table of its own: --out FILE",
    ),
)  # fmt: skip


def main() -> int:
    options = ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--within", type=float, default=10, metavar="MINUTES")
    options.add_argument("--only", default="", help="these, by name")
    options.add_argument("--list", action="store_true", help="name them, run none")
    options.add_argument("--smoke", action="store_true", help="tiny sizes: no numbers")
    options.add_argument("--out", type=Path, default=Path("runs/benchmarks"))
    chosen = options.parse_args()
    only = tuple(filter(None, chosen.only.split(",")))
    failed = []
    for bench in BENCHES:
        if only and bench.script not in only:
            continue
        is_long = bench.minutes > chosen.within and not only
        if chosen.list or bench.missing or is_long:
            about = "     " if bench.is_timed else "about"
            print(
                f"{bench.script:24} {about} {bench.minutes:4g} min  "
                f"{_why(bench, is_long)}"
            )
        elif not _run(bench, chosen.out, is_smoke=chosen.smoke):
            failed.append(bench.script)
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def _why(bench: Bench, is_long: bool) -> str:
    return bench.missing or ("not within the minutes" if is_long else "")


def _run(bench: Bench, folder: Path, *, is_smoke: bool) -> bool:
    """Run one; whether it ended well."""
    folder.mkdir(parents=True, exist_ok=True)
    line = folder / f"{bench.script}.jsonl"
    command = [sys.executable, str(_HERE / f"{bench.script}.py"), *bench.arguments]
    command += ["--json", str(line), *(["--smoke"] if is_smoke else [])]
    started = time.perf_counter()
    print(f"== {bench.script}", flush=True)
    done = subprocess.run(command, check=False)
    minutes = (time.perf_counter() - started) / 60
    print(f"== {bench.script}: {minutes:.1f} min, exit code {done.returncode}\n")
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
