"""How soon the command line answers, as whole processes.

Claim: `rexpand --help` takes 0.2 s and `rexpand cost rexnet_100` 0.35 s, since neither
loads torch. A bare interpreter and `import torch` are timed in the same rounds, so that
the share that is ours can be told. Python's own list of imports (-X importtime) is the
proof of what was loaded. Processes run as in a user's shell: compiled files are kept.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from interleave import Report, interleave, parser, ratio, stopwatch

_SCRIPT = str(Path(sys.executable).with_name("rexpand"))
_TARGETS = {("--help",): 0.2, ("cost", "rexnet_100"): 0.35}
_HEAVY = ("torch", "torchvision", "timm", "optuna", "altair", "sklearn", "accelerate")


def main() -> None:
    options = parser(__doc__, rounds=21).parse_args()
    report = Report(__file__, options, ("typer", "rich", "numpy", "torch"))
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import torch'": [sys.executable, "-c", "import torch"],
        **{_name(verb): [_SCRIPT, *verb] for verb in _TARGETS},
    }
    rivals = {
        name: stopwatch(partial(_run, command)) for name, command in commands.items()
    }
    timings = interleave(rivals, report.rounds)
    report.timings(timings.values())
    ours = [timings[_name(verb)] for verb in _TARGETS]
    bare, torch = list(timings.values())[:2]
    report.ratios(
        [*(ratio(each, bare) for each in ours), *(ratio(torch, each) for each in ours)]
    )
    for verb, target in _TARGETS.items():
        name = _name(verb)
        line = f"{name}: {timings[name].median:.3f} s; target {target} s"
        report.finding(name, timings[name].median, line)
    for verb in _TARGETS:
        loaded = _imports([_SCRIPT, *verb])
        heavy = sorted({module.partition(".")[0] for module in loaded} & {*_HEAVY})
        line = (
            f"{_name(verb)} loads {len(loaded)} modules; of {', '.join(_HEAVY)}: "
            f"{', '.join(heavy) or 'none'}"
        )
        counts = {"modules": len(loaded), "heavy": heavy}
        report.finding(f"imports of {_name(verb)}", counts, line)
    report.close()


def _name(verb: Sequence[str]) -> str:
    return " ".join(("rexpand", *verb))


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, env=_shell(), stdout=subprocess.DEVNULL)


def _imports(command: Sequence[str]) -> list[str]:
    """Names of all modules that a Python program loads, in their order."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        check=True,
        env=_shell(),
        capture_output=True,
        text=True,
    )
    lines = [line for line in ran.stderr.splitlines() if line.startswith("import time")]
    return [line.rpartition("|")[2].strip() for line in lines[1:]]


def _shell() -> dict[str, str]:
    """The environment, without what would compile every module anew."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


if __name__ == "__main__":
    main()
