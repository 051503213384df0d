"""What the page sends when something is moved, and the network that comes of it.

The page keeps the state and sends it with every move: the server keeps none, so that any
number of people can drag at a time. What comes from a page is decoded as strictly as a
file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from rexpand.allowed import check_fields
from rexpand.app.design import (
    Held,
    bars,
    budget_of,
    drag_bar,
    drag_intercept,
    drag_slope,
    fill_budget,
)
from rexpand.codec import from_content
from rexpand.cost import cost_of
from rexpand.errors import MistakeError, SpecError
from rexpand.ranges import FINITE, NODE, PLACE, WIDTH
from rexpand.spec import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class State:
    """What a page shows: a network of the offer, its channels, and what is held.

    `bound` is in macs or params, and counts only where one of them is held.
    """

    label: Annotated[str, PLACE]
    channels: tuple[Annotated[int, WIDTH], ...]
    held: Held = "nothing"
    bound: Annotated[float, FINITE] = 0.0

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One thing moved to a value.

    A bar is moved from the channels `base`, those at which the hand took hold of it, so
    that what it pushed comes back with it. `slope` and `intercept` are what the page
    shows; `held` is what is to be held from now on.
    """

    kind: Literal["bar", "slope", "intercept", "bound", "held"]
    value: Annotated[float, FINITE] = 0.0
    bar: Annotated[int, NODE] = 0
    base: tuple[Annotated[int, WIDTH], ...] = ()
    slope: Annotated[float, FINITE] = 0.0
    intercept: Annotated[float, FINITE] = 0.0
    held: Held = "nothing"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A message of a page."""

    state: State
    move: Move

    @classmethod
    def of(cls, content: Any) -> "Sent":
        """The message of decoded JSON; SpecError for anything else."""
        try:
            return from_content(cls, content)
        except ValueError as mistake:
            raise SpecError(f"the page sent no move: {mistake}") from None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """A network after a move, what is held, and why the move was refused, if it was."""

    spec: NetworkSpec
    held: Held = "nothing"
    bound: float = 0.0
    notice: str = ""


def moved(start: NetworkSpec, sent: Sent) -> Moved:
    """The network after a move; as it was, with the reason, where none can be."""
    state, move = sent.state, sent.move
    now = start.with_channels(state.channels)
    if move.kind == "held":
        return Moved(spec=now, held=move.held, bound=_spent(now, move.held))
    bound = move.value if move.kind == "bound" else state.bound
    try:
        spec = _mover(start, now, move)(budget_of(state.held, bound))
    except MistakeError as refusal:
        return Moved(spec=now, held=state.held, bound=state.bound, notice=str(refusal))
    return Moved(spec=spec, held=state.held, bound=bound)


def _mover(
    start: NetworkSpec, now: NetworkSpec, move: Move
) -> Callable[[Any], NetworkSpec]:
    """The drag of a move, which waits for the budget."""
    match move.kind:
        case "bar":
            found = bars(start)
            if move.bar >= len(found):
                raise SpecError(f"there is no bar {move.bar}; there are {len(found)}")
            base = start.with_channels(move.base) if move.base else now
            width = max(1, round(move.value))
            return lambda budget: drag_bar(base, found[move.bar], width, budget)
        case "slope":
            return lambda budget: drag_slope(now, move.value, move.intercept, budget)
        case "intercept":
            return lambda budget: drag_intercept(now, move.slope, move.value, budget)
    return lambda budget: fill_budget(now, budget)


def _spent(spec: NetworkSpec, held: Held) -> float:
    """What a network spends of what is to be held."""
    return 0.0 if held == "nothing" else float(getattr(cost_of(spec), held))
