"""When a training writes its state: after every epoch, and inside one from time to time.

How often changes no result, so it is no part of the recipe.
"""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import SpecError, quoted
from rexpand.ranges import INTERVAL, STEPS
from rexpand.train.design import TrainingDesign
from rexpand.train.state import Progressed, Trained, save_state

_TIME = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, kw_only=True)
class Interval:
    """What lies between two states inside an epoch: `seconds`, or `steps` if given.

    Raises SpecError for a value out of its range.
    """

    seconds: Annotated[float, INTERVAL] = 600.0
    steps: Annotated[int, STEPS] | None = None

    def __post_init__(self) -> None:
        check_fields(self, SpecError)

    @classmethod
    def parse(cls, text: str) -> "Interval":
        """The interval of `90s`, `10m`, `2h`, or of a number of steps.

        Raises SpecError for any other text.
        """
        if text.isascii() and text.isdigit() and len(text) < 20:
            return cls(steps=int(text))
        found = _TIME.fullmatch(text)
        if not found:
            raise SpecError(
                f"{quoted(text)} is no time and no number of steps; write 90s, 10m, 2h or "
                "500"
            )
        return cls(seconds=float(found[1]) * _SECONDS[found[2]])


class Checkpoints:
    """Writes the states of one training, and knows when the next is due."""

    def __init__(
        self, path: Path, trained: Trained, design: TrainingDesign, every: Interval
    ) -> None:
        self._path = path
        self._trained = trained
        self._design = design
        self._every = every
        self._steps = 0
        self._written = time.monotonic()

    def step(self) -> bool:
        """One more step is done; whether a state is due."""
        self._steps += 1
        if self._every.steps is not None:
            return self._steps >= self._every.steps
        return time.monotonic() - self._written >= self._every.seconds

    def write(self, done: Progressed) -> None:
        """Write the state as it is now."""
        save_state(self._path, self._trained, self._design, done)
        self._steps, self._written = 0, time.monotonic()
