"""How soon lint answers without data, as a whole process and in one that has torch.

Claim: `rexpand lint rexnet_300` takes 2 s, import of torch included. The import alone is
timed in the same rounds, so that the share that is ours can be told.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from interleave import Report, interleave, parser, ratio, stopwatch
from rexpand.advise.lint import LintSettings, lint
from rexpand.advise.lint.seeing import see
from rexpand.spec import Source

_TARGET = 2.0
_COMMAND = "rexpand lint rexnet_300"
_TORCH = "python -c 'import torch'"
_INSIDE = "see and lint"


def main() -> None:
    options = parser(__doc__, rounds=9).parse_args()
    report = Report(__file__, options, ("torch", "numpy"))
    script = str(Path(sys.executable).with_name("rexpand"))
    rivals = {
        _COMMAND: stopwatch(partial(_run, [script, "lint", "rexnet_300"])),
        _TORCH: stopwatch(partial(_run, [sys.executable, "-c", "import torch"])),
        _INSIDE: stopwatch(
            lambda: lint(see(Source.parse("rexnet_300")), LintSettings())
        ),
    }
    timings = interleave(rivals, report.rounds)
    report.timings(timings.values())
    report.ratios([ratio(timings[_COMMAND], timings[_TORCH])])
    seconds = timings[_COMMAND].median
    line = f"{_COMMAND}: {seconds:.3f} s; target {_TARGET} s"
    report.finding(_COMMAND, seconds, line)
    report.close()


def _run(command: Sequence[str]) -> None:
    """As in a user's shell: compiled files are kept."""
    shell = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, check=True, env=shell, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
