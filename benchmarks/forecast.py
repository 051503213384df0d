"""What `rexpand train --plan` expects of a training, against what that training took.

Each training is a process of its own, and so is its plan, which runs before it. Time is
that of all epochs, memory the peak of the process. `--csv FILE` writes a row for each.
Expected over real is what the plan is wrong by: above 1 it expected too much.
"""

import csv
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from interleave import Report, parser, quotient

# Networks, batches, sizes and recipes that differ; each takes a minute or a few.
_RUNS = (
    "search_18 --data cifar100 --train-subset 4000 --epochs 4 --batch-size 128",
    "search_18 --data cifar100 --train-subset 4000 --epochs 4 --batch-size 32",
    "mobilenetv2_050:input=cifar --recipe modern --data cifar100 --train-subset 3000 --epochs 3",
    "rexnet_100:input=cifar --data cifar100 --train-subset 1500 --epochs 3 --batch-size 64",
    "mobilenetv2_035 --data flowers12 --resolution 64 --epochs 5 --batch-size 64",
    "mobilenetv2_035 --data flowers12 --resolution 160 --epochs 2 --batch-size 32",
    "rexnet_100 --data flowers12 --resolution 224 --epochs 1 --batch-size 16",
    "search_18 --data digits --epochs 40",
)
# For a machine that is busy: a minute or less each when it is not.
_SHORT = (
    "search_18 --data digits --epochs 12",
    "search_18 --data cifar100 --train-subset 512 --epochs 1 --batch-size 32 --set validation=128",
    "mobilenetv2_035 --data flowers12 --resolution 64 --train-subset 512 --epochs 1 --batch-size 64 --set validation=64",
    "mobilenetv2_035 --data flowers12 --resolution 128 --train-subset 160 --epochs 1 --batch-size 16 --set validation=64",
    "rexnet_100 --data flowers12 --resolution 96 --train-subset 128 --epochs 1 --batch-size 16 --set validation=64",
)
_SMOKE = ("search_18 --data digits --epochs 2 --train-subset 100",)
_MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Row:
    """One training: what was expected of it, and what it took."""

    training: str
    expected_seconds: float
    seconds: float
    time_ratio: float
    expected_mib: float
    mib: float
    memory_ratio: float
    measured_steps: int


def main() -> None:
    options = parser(__doc__, rounds=1)
    options.add_argument("--csv", type=Path, metavar="FILE", help="write the rows here")
    options.add_argument("--short", action="store_true", help="five short trainings")
    chosen = options.parse_args()
    report = Report(__file__, chosen, ("torch", "torchvision", "numpy"))
    trainings = _SMOKE if chosen.smoke else _SHORT if chosen.short else _RUNS
    rows = [_row(typed) for typed in trainings]
    report.table(
        (
            "training",
            "expected s",
            "real s",
            "ratio",
            "expected MiB",
            "real MiB",
            "ratio",
        ),
        [
            (
                row.training,
                f"{row.expected_seconds:.1f}",
                f"{row.seconds:.1f}",
                f"{row.time_ratio:.3f}",
                f"{row.expected_mib:.0f}",
                f"{row.mib:.0f}",
                f"{row.memory_ratio:.3f}",
            )
            for row in rows
        ],
    )
    for name in ("time_ratio", "memory_ratio"):
        values = np.array([getattr(row, name) for row in rows])
        worst = float(values[np.abs(np.log(values)).argmax()])
        found = {"median": float(np.median(values)), "worst": worst, "n": len(rows)}
        said = f"median {quotient(found['median'])}, worst {quotient(worst)}"
        report.finding(
            name, found, f"{name}, expected over real: {said}, n {len(rows)}"
        )
    report.finding("rows", [asdict(row) for row in rows], "")
    if chosen.csv:
        _write(chosen.csv, rows)
    report.close()


def _row(typed: str) -> Row:
    """Plan a training, then run it."""
    plan = _document(*typed.split(), "--plan")
    with TemporaryDirectory() as folder:
        _document(*typed.split(), "--out", folder)
        record = json.loads(Path(folder, "seed-0", "record.json").read_text())
    expected_mib, mib = plan["peak_bytes"] / _MIB, record["peak_memory_mb"]
    print(f"{typed}: {plan['seconds']:.1f} s expected, {record['seconds']:.1f} taken")
    return Row(
        training=typed,
        expected_seconds=round(plan["seconds"], 2),
        seconds=round(record["seconds"], 2),
        time_ratio=round(plan["seconds"] / record["seconds"], 4),
        expected_mib=round(expected_mib, 1),
        mib=round(mib, 1),
        memory_ratio=round(expected_mib / mib, 4),
        measured_steps=plan["measured_steps"],
    )


def _document(*arguments: str) -> Any:
    """The document of `rexpand train`."""
    command = [sys.executable, "-m", "rexpand", "train", *arguments, "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _write(path: Path, rows: list[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(asdict(rows[0])))
        writer.writeheader()
        writer.writerows(map(asdict, rows))


if __name__ == "__main__":
    main()
