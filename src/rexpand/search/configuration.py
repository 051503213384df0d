"""A trial as a study's storage keeps it: its configuration, and what came out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from rexpand.budget import Sample
from rexpand.ranges import COUNT, FINITE, PERCENT, SECONDS, SEED, WIDTH
from rexpand.records import Provenance
from rexpand.records.record import Measured


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The channels of a trial and what is known of them before it is trained."""

    channels: tuple[Annotated[int, WIDTH], ...]
    shape: str
    macs: Annotated[int, COUNT]
    params: Annotated[int, COUNT]
    predicted_latency_ms: Annotated[float, FINITE] | None = None


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the driver keeps of a trial's records besides its accuracy.

    `failure` says why a trial failed.
    """

    seeds: tuple[Annotated[int, SEED], ...] = ()
    accuracies: tuple[Annotated[float, PERCENT], ...] = ()
    evaluated_on: str = ""
    nuclear_norm: Measured | None = None
    effective_rank: Measured | None = None
    seconds: Annotated[float, SECONDS] = 0.0
    provenances: tuple[Provenance, ...] = ()
    failure: str = ""


def configurations_of(drawn: Sample, first: int = 0) -> list[Configuration]:
    """The configurations of a sample, from number `first` on."""
    return [
        Configuration(
            channels=tuple(drawn.channels[index].tolist()),
            shape=drawn.shapes[index],
            macs=int(drawn.macs[index]),
            params=int(drawn.params[index]),
            predicted_latency_ms=_predicted(drawn, index),
        )
        for index in range(first, len(drawn.shapes))
    ]


def params_of(channels: Sequence[int]) -> dict[str, int]:
    """Optuna's parameters of a configuration: names that sort in forward order."""
    digits = len(str(len(channels)))
    return {
        f"c{block:0{digits}d}": width for block, width in enumerate(channels, start=1)
    }


def highest_of(channels: Sequence[int]) -> int:
    """The upper end of those parameters, which the dashboard draws up to."""
    return 10 * max(channels)


def _predicted(drawn: Sample, index: int) -> float | None:
    """What the study's latency table predicts for a configuration, if it has one."""
    return None if drawn.latency_ms is None else float(drawn.latency_ms[index])
