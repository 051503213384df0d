"""Lint every classifier of ours, torchvision's and timm's, and write down what was found.

    python scripts/lint_everything.py [--only PATTERN] [--out results/lint]

One process, weights on `meta` where the network can be built there. A row a network, in
the order in which they ran; what is already in table.csv is not run again. A network that
cannot run has its one-line reason in its row; anything else that is raised is a crash,
kept in the row too, and the script then ends with 1.
"""

import argparse
import csv
import gc
import sys
import time
import warnings
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from rexpand.advise.lint import LintSettings, lint, selectors
from rexpand.advise.lint.seeing import see
from rexpand.advise.rules import RULES
from rexpand.errors import MistakeError
from rexpand.spec import CATALOGUE, Source

_LOOKING = [rule.id for rule in RULES if rule.needs not in ("data", "measure")]
_COLUMNS = (
    *("network", "resolution", "params", "macs", "blocks", "findings"),
    *(*_LOOKING, "not_counted", "device", "seconds", "reason"),
)
_PLAIN = LintSettings(multiple_of=8)
_INT8 = LintSettings(target="int8", select=selectors(["RX013,RX014"]))


def networks() -> Iterator[str]:
    """Every name, ours first."""
    import timm
    from torchvision import models

    yield from CATALOGUE
    yield from (f"torchvision:{name}" for name in models.list_models(module=models))
    yield from (f"timm:{name}" for name in timm.list_models())


def row(name: str) -> dict[str, object]:
    """A network's counts of findings, for multiples of 8 and, RX013 and RX014, int8."""
    started = time.perf_counter()
    subject = see(Source.parse(name))
    plain, int8 = lint(subject, _PLAIN), lint(subject, _INT8)
    seconds = time.perf_counter() - started
    found = plain.by_rule + int8.by_rule
    return {
        "network": name,
        "resolution": subject.image[-1],
        "params": subject.graph.total.params,
        "macs": subject.graph.total.macs,
        "blocks": len(subject.graph.blocks),
        "findings": found.total(),
        **{rule: found[rule] for rule in _LOOKING},
        "not_counted": " ".join(each.operator for each in subject.graph.uncounted),
        "device": subject.graph.device,
        "seconds": f"{seconds:.3f}",
    }


def main() -> int:
    """The number of crashes, as an exit code."""
    options = _parser().parse_args()
    warnings.simplefilter("ignore")  # of the networks' own code
    table = options.out / "table.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    done = _done(table)
    crashes = 0
    with table.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _COLUMNS, lineterminator="\n")
        if not done:
            writer.writeheader()
        for name in networks():
            if name in done or not fnmatchcase(name, options.only):
                continue
            found, crashed = _tried(name)
            crashes += crashed
            writer.writerow(found)
            file.flush()
            gc.collect()
    print(f"wrote {table}; {crashes} crashes")
    return min(crashes, 1)


def _tried(name: str) -> tuple[dict[str, object], bool]:
    try:
        return row(name), False
    except MistakeError as mistake:
        return {"network": name, "reason": _line(mistake)}, False
    except Exception as crash:  # a bug of ours or of the network's
        reason = f"crash: {type(crash).__name__}: {_line(crash)}"
        return {"network": name, "reason": reason}, True


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _done(table: Path) -> set[str]:
    if not table.exists():
        return set()
    with table.open(newline="", encoding="utf-8") as file:
        return {found["network"] for found in csv.DictReader(file)}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="*", help="networks that match")
    parser.add_argument("--out", type=Path, default=Path("results/lint"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
