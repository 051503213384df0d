"""The generations of an adaptive study: random at first, then proposed from trials.

A generation is a function of the design and of the trials before it, so that whoever asks
again, after a kill or on another machine, gets the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np

from rexpand.budget import ShapeSpace, shape_space
from rexpand.budget.bounds import Floats
from rexpand.search.configuration import Configuration, configurations_of
from rexpand.search.design import StudyDesign, drawn
from rexpand.search.refinement import Refinement

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

PROPOSED = "proposed"  # the shape of a configuration that no stratum gave
_ROUNDS = 20  # of asking for points, before random configurations fill a generation

Channels = tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A trial that is over, as samplers see it.

    A pruned trial has the accuracy at which it was stopped, and 0 without any.
    `accuracies` are of its finished seeds.
    """

    channels: Channels
    macs: int
    params: int
    accuracy: float
    accuracies: tuple[float, ...]


class Proposer(Protocol):
    """Gives points of a shape space, from what it knows of trials."""

    def points(self, count: int) -> Floats:
        """So many further points, (count, numbers of a point)."""


def tried_of(trial: "FrozenTrial") -> Tried:
    """What a sampler may know of a finished trial."""
    attributes = trial.user_attrs
    return Tried(
        channels=tuple(attributes["channels"]),
        macs=attributes["macs"],
        params=attributes["params"],
        accuracy=float(np.nan_to_num(trial.value or 0.0)),  # it may have diverged
        accuracies=tuple(attributes.get("accuracies", ())),
    )


def generation(design: StudyDesign, tried: Sequence[Tried]) -> list[Configuration]:
    """The generation after the trials of whole ones, none of which it repeats."""
    if not tried:
        return configurations_of(drawn(design))
    space = shape_space(
        design.spec,
        design.budget,
        slack=design.slack,
        multiple_of=design.multiple_of,
        min_width=design.min_width,
        max_growth=design.max_growth,
    )
    known = {trial.channels for trial in tried}
    proposed = [*_proposed(design, space, tried, known)]
    found = _configurations(space, proposed)
    missing = design.sampler.generation - len(found)
    if missing:
        found += islice(_others(design, known.union(proposed), len(tried)), missing)
    return found


def _proposed(
    design: StudyDesign,
    space: ShapeSpace,
    tried: Sequence[Tried],
    known: Iterable[Channels],
) -> Iterator[Channels]:
    """New configurations of the sampler, as many as it finds of a generation."""
    seed = (design.sampling_seed, design.sampler.generation_of(len(tried)))
    rng = np.random.default_rng(seed)
    proposer = _proposer(design, space, tried, rng)
    seen = set(known)
    missing = design.sampler.generation
    for _ in range(_ROUNDS):
        for found in space.configurations(proposer.points(missing), rng):
            if found is not None and found not in seen:
                seen.add(found)
                missing -= 1
                yield found
        if not missing:
            return


def _proposer(
    design: StudyDesign,
    space: ShapeSpace,
    tried: Sequence[Tried],
    rng: np.random.Generator,
) -> Proposer:
    sampler = design.sampler
    points = space.points([trial.channels for trial in tried])
    if sampler.name == "refine":
        from rexpand.search.ranking import smallest_gap

        gap = smallest_gap([trial.accuracies for trial in tried if trial.accuracies])
        means = [trial.accuracy for trial in tried]
        number = sampler.generation_of(len(tried))
        return Refinement.around(points, means, gap, number, rng)
    from rexpand.search.optuna_samplers import Asked

    values = [_values(design, trial) for trial in tried]
    return Asked.after(sampler, points, values, seed=int(rng.integers(2**32)))


def _values(design: StudyDesign, trial: Tried) -> list[float]:
    """The objectives of NSGA-II, accuracy first; of TPE it is the only one.

    Costs that the budget bounds hardly differ between trials: of macs and params only the
    one without a bound is an objective.
    """
    free = {"macs", "params"}.difference(design.budget.counts)
    if design.sampler.name == "tpe" or len(free) != 1:
        return [trial.accuracy]
    (cost,) = free
    return [trial.accuracy, float(trial.macs if cost == "macs" else trial.params)]


def _configurations(space: ShapeSpace, rows: Sequence[Channels]) -> list[Configuration]:
    if not rows:
        return []
    prices = space.budget.prices(space.spec, np.array(rows))
    latencies = prices.latency_ms
    return [
        Configuration(
            channels=row,
            shape=PROPOSED,
            macs=int(prices.macs[index]),
            params=int(prices.params[index]),
            predicted_latency_ms=None if latencies is None else float(latencies[index]),
        )
        for index, row in enumerate(rows)
    ]


def _others(
    design: StudyDesign, known: set[Channels], tried: int
) -> Iterator[Configuration]:
    """Random configurations that are not known yet; there are enough."""
    every = drawn(design, tried + design.sampler.generation)
    return (each for each in configurations_of(every) if each.channels not in known)
