"""What the page says of a network: its parts, its cost, and how that has changed.

A network is shown from its spec, or from one pass of a module that is none. The limits
of the machine come from its two measured peaks (`rexpand.cost.roofline`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

from rexpand.app.design import MOST_BARS, bars
from rexpand.cost import Cost, Graph, Part, Peaks, cost_of, part_costs
from rexpand.size import Size
from rexpand.spec import NetworkSpec

if TYPE_CHECKING:
    from rexpand.advise.rules import Subject

_BYTES = 4  # of an element, float32


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A network as the page shows it: stem, blocks (or groups of them) and head."""

    name: str
    size: Size
    parts: tuple[Part, ...]
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class Module:
    """A module that reads as no spec, as one pass showed it; why is in `reason`."""

    label: str
    subject: "Subject"
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One number of a network, and the same of the network that it started from."""

    name: str
    value: float
    start: float
    unit: str = ""

    @property
    def change(self) -> float:
        """By how much it changed, as a share of the start."""
        return self.value / self.start - 1 if self.start else 0.0


def shown_spec(spec: NetworkSpec) -> Shown:
    """A spec by the closed form; the blocks of a bar are one part."""
    parts = part_costs(spec)
    stem, blocks = parts[:1], parts[1 : 1 + spec.depth]
    grouped = tuple(
        _together(blocks[bar.first : bar.last + 1], f"blocks.{bar.first}-{bar.last}")
        for bar in bars(spec)
    )
    return Shown(
        name=spec.name,
        size=spec.size,
        parts=(*stem, *grouped, *parts[1 + spec.depth :]),
        cost=cost_of(spec),
    )


def shown_module(module: Module) -> Shown:
    """A module by the operators of one pass, its parts in at most so many groups."""
    graph: Graph = module.subject.graph
    parts = tuple(
        Part(
            name=node.name or module.label,
            out_channels=node.output[1] if len(node.output) > 1 else 0,
            size=_size(node.output),
            cost=node.cost,
        )
        for node in graph.parts
    )
    each = max(1, -(-len(parts) // MOST_BARS))
    groups = (parts[at : at + each] for at in range(0, len(parts), each))
    return Shown(
        name=module.label,
        size=Size.of_image(module.subject.image),
        parts=tuple(
            _together(group, f"{group[0].name} to {group[-1].name}") for group in groups
        ),
        cost=graph.total,
    )


def readings(now: Shown, start: Shown, peaks: Peaks) -> tuple[Reading, ...]:
    """The four counts, and the least time that the machine's peaks allow."""
    counts = tuple(
        Reading(
            name=said, value=getattr(now.cost, name), start=getattr(start.cost, name)
        )
        for name, said in (
            ("macs", "macs"),
            ("params", "params"),
            ("activations", "activations"),
            ("memory_access", "memory access"),
        )
    )
    least = Reading(
        name="roofline",
        value=1e3 * least_seconds(now, peaks),
        start=1e3 * least_seconds(start, peaks),
        unit="ms",
    )
    return (*counts, least)


def least_seconds(shown: Shown, peaks: Peaks) -> float:
    """Seconds below which no pass of one image can be: the roof of every part, added.

    A part takes at least as long as its macs at the peak of arithmetic, and as its
    elements at the peak of memory.
    """
    return sum(
        max(
            part.cost.macs / peaks.macs.rate,
            _BYTES * part.cost.memory_access / peaks.memory.rate,
        )
        for part in shown.parts
    )


def _size(output: tuple[int, ...]) -> Size:
    """The size of a map; what is no map has one position."""
    if len(output) != 4:
        return Size.of(1)
    return Size(height=output[2], width=output[3])


def _together(parts: Sequence[Part], name: str) -> Part:
    """Neighbouring parts as one, as wide and as large as the last of them."""
    if len(parts) == 1:
        return parts[0]
    total = reduce(add, (part.cost for part in parts), Cost())
    return replace(parts[-1], name=name, cost=total)
