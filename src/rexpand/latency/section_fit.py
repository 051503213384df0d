"""A latency model fitted to measured sections, and how far it is from what it did not see.

A section's milliseconds are a constant plus weights of its macs and of its memory
access, none of them negative. Blocks of one kind at one size share the three numbers.
Errors are relative, so that a short section counts as much as a long one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

import numpy as np
from numpy.typing import NDArray

from rexpand.budget import predicted_ms
from rexpand.cost import Cost
from rexpand.records import LatencyModel, PredictionError, SectionModel

Floats = NDArray[np.float64]
_GIGA = 1e9
_FEW = 3  # networks: fewer say nothing of an offset beside a scale
_ROUNDING = 1e-9  # a subset of the columns must fit better by more than this


@dataclass(frozen=True, kw_only=True)
class Sight:
    """One section of a configuration: what it counts, and the milliseconds it took.

    Sections with the same `kind` share their numbers.
    """

    name: str
    kind: str
    cost: Cost
    ms: float


@dataclass(frozen=True, kw_only=True)
class Sighted:
    """A configuration: its sections in forward order, and the whole network's time."""

    sections: tuple[Sight, ...]
    ms: float


def fitted(configurations: Sequence[Sighted]) -> LatencyModel:
    """The model of some configurations of one network."""
    kinds: dict[str, list[Sight]] = {}
    for each in configurations:
        for section in each.sections:
            kinds.setdefault(section.kind, []).append(section)
    numbers = {kind: _numbers(seen) for kind, seen in kinds.items()}
    sums = [sum(section.ms for section in each.sections) for each in configurations]
    offset, scale = _line(sums, [each.ms for each in configurations])
    return LatencyModel(
        sections=tuple(
            _model(section.name, numbers[section.kind])
            for section in configurations[0].sections
        ),
        scale=scale,
        offset_ms=offset,
    )


def held_out(configurations: Sequence[Sighted]) -> tuple[LatencyModel, ...]:
    """For each configuration the model of the others."""
    return tuple(
        fitted([*configurations[:index], *configurations[index + 1 :]])
        for index in range(len(configurations))
    )


def network_ms(model: LatencyModel, seen: Sighted) -> float:
    """What a model predicts for a whole network."""
    costs = {section.name: section.cost for section in seen.sections}
    return float(predicted_ms(model, costs, 1)[0])


def prediction_error(
    predicted: Sequence[float], measured: Sequence[float]
) -> PredictionError:
    """The median and the largest distance, as shares of what was measured."""
    pairs = zip(predicted, measured, strict=True)
    off = [abs(mine / theirs - 1) for mine, theirs in pairs]
    return PredictionError(median=median(off), most=max(off), count=len(off))


def _model(name: str, numbers: Floats) -> SectionModel:
    ms, per_gigamac, per_gigaelement = map(float, numbers)
    return SectionModel(
        name=name,
        ms=ms,
        ms_per_gigamac=per_gigamac,
        ms_per_gigaelement=per_gigaelement,
    )


def _features(seen: Sequence[Sight]) -> Floats:
    return np.array(
        [
            (1.0, each.cost.macs / _GIGA, each.cost.memory_access / _GIGA)
            for each in seen
        ]
    )


def _numbers(seen: Sequence[Sight]) -> Floats:
    """Constant and weights of a kind: least squares of relative errors, none below 0.

    With three columns, every subset of them is solved and the best one that has no
    negative number is taken.
    """
    measured = np.array([each.ms for each in seen])
    columns = _features(seen) / measured[:, None]
    best, least = np.zeros(3), float(len(seen))
    for size in (1, 2, 3):
        for chosen in combinations(range(3), size):
            part = columns[:, chosen]
            found = np.linalg.lstsq(part, np.ones(len(seen)))[0]
            error = float(((part @ found - 1) ** 2).sum())
            if (found >= 0).all() and error < least - _ROUNDING:
                best, least = np.zeros(3), error
                best[list(chosen)] = found
    return best


def _line(sums: Sequence[float], wholes: Sequence[float]) -> tuple[float, float]:
    """Offset and scale from the sum of sections to the whole network.

    Each section that runs alone pays for its start, which the network pays once: the
    offset takes it out. It is 0 where too few networks were measured to tell.
    """
    rows, whole = np.array(sums), np.array(wholes)
    if len(set(sums)) >= _FEW:
        columns = np.stack([1 / whole, rows / whole], axis=1)
        offset, scale = np.linalg.lstsq(columns, np.ones(len(whole)))[0]
        if scale > 0:
            return float(offset), float(scale)
    return 0.0, float(np.median(whole / rows))
