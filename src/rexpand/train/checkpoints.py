"""When a training writes its state: after every epoch, and inside one from time to time.

How often changes no result, so it is no part of the recipe.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import CheckpointError, SpecError, quoted
from rexpand.ranges import INTERVAL, STEPS
from rexpand.records import write_atomic
from rexpand.records.record import EARLIER_STATE, STATE
from rexpand.train.design import TrainingDesign
from rexpand.train.processes import ALONE, Processes
from rexpand.train.sealed import Content, read_sealed, sealed
from rexpand.train.state import Progressed, Trained, put_back, state_of

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
    """The last two states of a training in its folder, and when the next is due.

    The older one is taken where the newer one is damaged. Of many processes the main one
    reads and writes; generators need no exchange, as each process seeds itself anew at
    every step.
    """

    def __init__(
        self,
        folder: Path,
        trained: Trained,
        design: TrainingDesign,
        every: Interval,
        processes: Processes = ALONE,
    ) -> None:
        self._processes = processes
        self._last, self._earlier = folder / STATE, folder / EARLIER_STATE
        self._trained = trained
        self._design = design
        self._every = every
        self._steps = 0
        self._written = time.monotonic()
        self._is_last_whole = True

    def put_back(self, alarm: Callable[[str], None]) -> Progressed:
        """Put the last state back that is whole; nothing done if there is no state.

        `alarm` hears of one that is damaged. Raises CheckpointError if all are, or if
        the state is another training's.
        """
        found = self._processes.of_main(lambda: self._newest_whole(alarm))
        if found is None:
            return Progressed()
        state, path = found
        return put_back(state, path, self._trained, self._design)

    def _newest_whole(
        self, alarm: Callable[[str], None]
    ) -> tuple[Content, Path] | None:
        damages: list[str] = []
        for path in (self._last, self._earlier):
            if not path.exists():
                continue
            try:
                state = read_sealed(path)
            except CheckpointError as damaged:
                damages.append(str(damaged))
                self._is_last_whole = False
                continue
            for damage in damages:
                alarm(f"{damage}; going on from the state before it, {path.name}")
            return state, path
        if damages:
            raise CheckpointError(
                f"no state is whole: {'; '.join(damages)}; remove them to start anew"
            )
        return None

    def step(self) -> bool:
        """One more step is done; whether this process has to write a state."""
        self._steps += 1
        if not self._processes.is_main:
            return False
        if self._every.steps is not None:
            return self._steps >= self._every.steps
        return time.monotonic() - self._written >= self._every.seconds

    def write(self, done: Progressed) -> None:
        """Write the state as it is now, if that is for this process; the last is kept."""
        if not self._processes.is_main:
            return
        content = sealed(state_of(self._trained, self._design, done))
        earlier = self._earlier if self._is_last_whole else None
        write_atomic(self._last, content, earlier=earlier)
        self._is_last_whole = True
        self._steps, self._written = 0, time.monotonic()
