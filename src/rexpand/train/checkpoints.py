"""When a training writes its state: after every epoch, and inside one from time to time.

How often changes no result, so it is no part of the recipe.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import CheckpointError, SpecError, quoted
from rexpand.models import Network
from rexpand.ranges import INTERVAL, STEPS
from rexpand.records import write_atomic
from rexpand.records.record import EARLIER_STATE, STATE
from rexpand.train.changes import changes_since, with_changes
from rexpand.train.design import MAY_CHANGE, TrainingDesign
from rexpand.train.processes import ALONE, Processes
from rexpand.train.sealed import Content, read_sealed, sealed
from rexpand.train.state import Progressed, Trained, design_of, put_back, state_of

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


class StateFiles:
    """The last two states of a training in its folder, and when the next is due.

    The older one is taken where the newer one is damaged. Of many processes the main one
    reads and writes.
    """

    def __init__(self, folder: Path, every: Interval, processes: Processes) -> None:
        self.last, self.earlier = folder / STATE, folder / EARLIER_STATE
        self._every = every
        self._processes = processes
        self._steps = 0
        self._written = time.monotonic()
        self._is_last_good = True

    def first_whole(
        self, paths: Sequence[Path], alarm: Callable[[str], None]
    ) -> tuple[Content, Path] | None:
        """The first state that is whole, and its file; None where there is no state.

        `alarm` hears of those that are damaged. Raises CheckpointError if all are.
        """
        return self._processes.of_main(lambda: self._first_whole(paths, alarm))

    def _first_whole(
        self, paths: Sequence[Path], alarm: Callable[[str], None]
    ) -> tuple[Content, Path] | None:
        damages: list[str] = []
        for path in paths:
            if not path.exists():
                continue
            try:
                state = read_sealed(path)
            except CheckpointError as damaged:
                damages.append(str(damaged).partition("; ")[0])  # the way out is ours
                self._is_last_good = False
                continue
            for damage in damages:
                alarm(f"{damage}; going on from {path.name}")
            return state, path
        if damages:
            raise CheckpointError(
                f"no state is whole: {'; '.join(damages)}; remove them to start anew"
            )
        return None

    def leave_last(self) -> None:
        """Let the next state take the last one's place, and keep the earlier one."""
        self._is_last_good = not self.earlier.exists()

    def step(self) -> bool:
        """One more step is done; whether this process has to write a state."""
        self._steps += 1
        if not self._processes.is_main:
            return False
        if self._every.steps is not None:
            return self._steps >= self._every.steps
        return time.monotonic() - self._written >= self._every.seconds

    def write(self, state: Callable[[], Content | None]) -> None:
        """Write the state, if there is one and that is for this process; keep the last."""
        if not self._processes.is_main:
            return
        self._steps, self._written = 0, time.monotonic()
        content = state()
        if content is None:
            return
        earlier = self.earlier if self._is_last_good else None
        write_atomic(self.last, sealed(content), earlier=earlier)
        self._is_last_good = True


class Checkpoints:
    """The states of a training of a network, of this recipe or of one before it.

    Generators need no exchange: each of many processes seeds itself anew at every step.
    """

    def __init__(
        self,
        folder: Path,
        trained: Trained[Network],
        design: TrainingDesign,
        every: Interval,
        processes: Processes = ALONE,
        *,
        allow_change: bool = False,
    ) -> None:
        self._files = StateFiles(folder, every, processes)
        self._trained = trained
        self._design = design
        self._allow_change = allow_change

    def put_back(self, alarm: Callable[[str], None]) -> Progressed:
        """Put the last state back that is whole; nothing done if there is no state.

        `alarm` hears of one that is damaged. Raises CheckpointError if all are, or if
        the state is another training's; with another recipe it may be this one's, where
        that is allowed.
        """
        return self._put_back((self._files.last, self._files.earlier), alarm)

    def go_back(self, alarm: Callable[[str], None]) -> Progressed:
        """Put the state before the last one back, or the last where it is the only one.

        The next step from the last may be the one that cannot be done.
        """
        done = self._put_back((self._files.earlier, self._files.last), alarm)
        self._files.leave_last()
        return done

    def step(self) -> bool:
        """One more step is done; whether this process has to write a state."""
        return self._files.step()

    def write(self, done: Progressed) -> None:
        """Write the state as it is now, if that is for this process; the last is kept.

        Weights that are not finite are not kept: no step could go on from them.
        """
        self._files.write(lambda: self._state(done))

    def _state(self, done: Progressed) -> Content | None:
        if not self._trained.is_finite:
            return None
        return state_of(self._trained, self._design, done)

    def _put_back(
        self, paths: Sequence[Path], alarm: Callable[[str], None]
    ) -> Progressed:
        found = self._files.first_whole(paths, alarm)
        if found is None:
            return Progressed()
        state, path = found
        # The state before a change that was allowed is one of this training.
        is_allowed = self._allow_change or path == self._files.earlier
        may_change = MAY_CHANGE if is_allowed else ()
        saved = design_of(state, path)
        changes = changes_since(saved, self._design, path, may_change)
        done = put_back(state, path, self._trained)
        if not changes:
            return done
        if not self._design.recipe.patience:
            self._trained.best.clear()
        return with_changes(done, self._design.recipe, changes)
