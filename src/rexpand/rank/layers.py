"""The layer study: Figure 1 under a protocol, for built-in structures or a block."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import get_args

import numpy as np
from numpy.typing import NDArray

from rexpand.errors import RankError
from rexpand.memory import check_memory
from rexpand.rank.block import load_factory
from rexpand.rank.definitions import definition_name, definition_names
from rexpand.rank.judging import all_verdicts, printed_beside
from rexpand.rank.measure import Task
from rexpand.rank.protocol import (
    Protocol,
    check_dim_ratio,
    check_name,
    protocol_document,
)
from rexpand.rank.published import deviations
from rexpand.rank.structures import STRUCTURES
from rexpand.rank.workers import run
from rexpand.records import (
    LayerPoint,
    LayerStudy,
    this_provenance,
)
from rexpand.spec.blocks import Activation

ACTIVATIONS: tuple[str, ...] = get_args(Activation)
DIM_RATIOS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_LIBRARIES = ("rexpand", "torch", "numpy")
_FLOAT = 4  # bytes
_NETWORKS_A_TASK = 250  # enough to batch equal sizes, few enough to share and show
_NORMAL_95 = 1.959964  # two-sided 95 % of the normal distribution
Advance = Callable[[int], None]  # hears of networks that are done


@dataclass(frozen=True, kw_only=True)
class LayerDesign:
    """What to measure: `networks` random networks for each structure and dim_ratio.

    With `block`, package.module:factory, that block is the only structure, under its
    path as its name. Raises RankError or UnknownNameError for what cannot be measured.
    """

    preset: str
    protocol: Protocol
    structures: tuple[str, ...] = STRUCTURES
    activations: tuple[str, ...] = ACTIVATIONS
    dim_ratios: tuple[float, ...] = DIM_RATIOS
    networks: int = 1000
    seed: int = 0
    block: str | None = None

    def __post_init__(self) -> None:
        for ratio in self.dim_ratios:
            check_dim_ratio(ratio)
        for name in self.activations:
            check_name("activation", name, ACTIVATIONS)
        if self.networks < 2:
            raise RankError(f"networks is {self.networks}; an interval needs 2 or more")
        if self.block:
            load_factory(self.block)
            return
        for name in self.structures:
            check_name("structure", name, STRUCTURES)
        if self.protocol.weights == "own":
            raise RankError(
                "weights 'own' are a block's own; give block, or choose normal, "
                "symmetric, kaiming, kaiming_out, xavier, lecun or torch"
            )

    @property
    def names(self) -> tuple[str, ...]:
        """The structures measured."""
        return (self.block,) if self.block else self.structures

    @property
    def total(self) -> int:
        """Networks over all points, an activation not counted twice."""
        return len(self.names) * len(self.dim_ratios) * self.networks


def study_layers(
    design: LayerDesign,
    *,
    workers: int = 1,
    device: str = "cpu",
    advance: Advance = lambda networks: None,
) -> LayerStudy:
    """Measure every point; the numbers do not depend on `workers`.

    On a GPU one process keeps it busy. Its generator differs from the CPU's, so the
    networks do too.
    """
    started = time.perf_counter()
    points = measure_points(design, workers=workers, device=device, advance=advance)
    return LayerStudy(
        preset=design.preset,
        protocol=protocol_document(design.protocol),
        definition=definition_name(design.protocol),
        structures=design.names,
        activations=design.activations,
        dim_ratios=design.dim_ratios,
        networks=design.networks,
        seed=design.seed,
        points=points,
        published=printed_beside(points),
        deviations=deviations(points),
        verdicts=all_verdicts(points, design.protocol),
        seconds=time.perf_counter() - started,
        workers=workers,
        provenance=this_provenance(
            _LIBRARIES,
            threads=1,  # each worker's
            device=device,
            seeds=(design.seed,),
        ),
    )


def measure_points(
    design: LayerDesign,
    *,
    workers: int = 1,
    device: str = "cpu",
    advance: Advance = lambda networks: None,
) -> tuple[LayerPoint, ...]:
    """The points of a design, structure by structure, curve by curve."""
    return measure_all([design], workers=workers, device=device, advance=advance)[0]


def measure_all(
    designs: Sequence[LayerDesign],
    *,
    workers: int = 1,
    device: str = "cpu",
    advance: Advance = lambda networks: None,
) -> list[tuple[LayerPoint, ...]]:
    """The points of each design, by one set of workers.

    Raises SpecError where no memory holds the widest network and its inputs.
    """
    for design in designs:
        _check_memory(design.protocol)
    tasks = [_tasks(design, device) for design in designs]
    parts: dict[Task, NDArray[np.float64]] = {}
    for task, ratios in run([task for each in tasks for task in each], workers):
        parts[task] = ratios
        advance(task.count)
    return [
        tuple(_points(design, {task: parts[task] for task in own}))
        for design, own in zip(designs, tasks, strict=True)
    ]


def _check_memory(protocol: Protocol) -> None:
    """Of the widest d_in that may be drawn: its inputs, and 1x1 weights to d_out."""
    widest = protocol.widths[-1]
    positions = protocol.images(widest) * protocol.spatial_size**2
    check_memory(
        f"a layer of {widest} channels",
        _FLOAT * widest * (positions + widest),
        "give smaller sizes, fewer samples per channel or a smaller spatial size",
    )


def _tasks(design: LayerDesign, device: str) -> list[Task]:
    tasks = [
        Task(
            protocol=design.protocol,
            structure=structure,
            activations=design.activations,
            dim_ratio=ratio,
            seed=design.seed,
            first=first,
            count=min(_NETWORKS_A_TASK, design.networks - first),
            device=device,
            is_block=design.block is not None,
        )
        for structure in design.names
        for ratio in design.dim_ratios
        for first in range(0, design.networks, _NETWORKS_A_TASK)
    ]
    # The widest last would leave one worker alone with them.
    return sorted(tasks, key=lambda task: -task.dim_ratio)


def _points(
    design: LayerDesign, parts: dict[Task, NDArray[np.float64]]
) -> Iterator[LayerPoint]:
    names = definition_names(design.protocol)
    places: dict[tuple[str, float], list[Task]] = {}
    for task in sorted(parts, key=lambda task: task.first):
        places.setdefault((task.structure, task.dim_ratio), []).append(task)
    for structure in design.names:
        for curve, activation in enumerate(design.activations):
            for ratio in design.dim_ratios:
                chunks = [parts[task][:, curve] for task in places[structure, ratio]]
                ratios = np.concatenate(chunks, axis=1)
                means = ratios.mean(axis=1)
                halves = _half_widths(ratios)
                yield LayerPoint(
                    structure=structure,
                    activation=activation,
                    dim_ratio=ratio,
                    rank_ratio=_rounded(means[0]),
                    ci_low=_rounded(means[0] - halves[0]),
                    ci_high=_rounded(means[0] + halves[0]),
                    networks=ratios.shape[1],
                    definitions={
                        name: (_rounded(middle), _rounded(half))
                        for name, middle, half in zip(
                            names[1:], means[1:], halves[1:], strict=True
                        )
                    },
                )


def _half_widths(ratios: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the 95 % interval of each mean: networks are drawn independently."""
    spread: NDArray[np.float64] = ratios.std(axis=1, ddof=1)
    return _NORMAL_95 * spread / sqrt(ratios.shape[1])


def _rounded(value: float) -> float:
    return round(float(value), 6)
