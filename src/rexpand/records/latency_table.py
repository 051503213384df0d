"""A network's latency block by block, over a few configurations, as one document."""

from dataclasses import dataclass
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import RecordError
from rexpand.ranges import (
    COUNT,
    FINITE,
    MILLISECONDS,
    MULTIPLE_OF,
    MULTIPLIER,
    NAME,
    OPTIONAL_WIDTH,
    RESOLUTION,
    ROUNDS,
    SECONDS,
    SOME_IMAGES,
    STRIDE,
    THREADS,
    WIDTH,
)
from rexpand.records.provenance import Provenance
from rexpand.records.spread import MedianSpread
from rexpand.spec import NetworkSpec

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class SectionReading:
    """The stem, a block or the head of a network, timed alone on maps of its real size.

    `expanded` are the inner channels of an inverted bottleneck, 0 for other kinds;
    `resolution` is the side of its input in pixels. `held_out_ms` is what a model of
    other configurations predicts for it.
    """

    name: Annotated[str, NAME]
    in_channels: Annotated[int, WIDTH]
    out_channels: Annotated[int, OPTIONAL_WIDTH]
    expanded: Annotated[int, OPTIONAL_WIDTH]
    stride: Annotated[int, STRIDE]
    resolution: Annotated[int, RESOLUTION]
    macs: Annotated[int, COUNT]
    memory_access: Annotated[int, COUNT]
    latency_ms: MedianSpread
    held_out_ms: Annotated[float, FINITE]


@dataclass(frozen=True, kw_only=True)
class ConfigurationReading:
    """One configuration: the whole network and its sections, timed in the same rounds.

    `additivity` is the sum of the sections over the whole network, of each round. The
    model of the table is fitted to it where its channels are multiples of the table's
    (`is_fitted`); `held_out_ms` is what a model predicts that is not.
    """

    channels: tuple[Annotated[int, WIDTH], ...]
    macs: Annotated[int, COUNT]
    params: Annotated[int, COUNT]
    latency_ms: MedianSpread
    sections: tuple[SectionReading, ...]
    additivity: MedianSpread
    held_out_ms: Annotated[float, FINITE]
    is_fitted: bool


@dataclass(frozen=True, kw_only=True)
class SectionModel:
    """A section's predicted milliseconds: `ms`, and what macs and elements add to it.

    No number is negative, so that more macs or more memory access are never faster.
    """

    name: Annotated[str, NAME]
    ms: Annotated[float, MILLISECONDS]
    ms_per_gigamac: Annotated[float, MILLISECONDS]
    ms_per_gigaelement: Annotated[float, MILLISECONDS]


@dataclass(frozen=True, kw_only=True)
class LatencyModel:
    """A network's predicted milliseconds: `offset_ms` + `scale` x the sum of sections.

    The sections hold what running each of them alone costs besides; offset and scale
    take it out again, as far as the measured networks tell.
    """

    sections: tuple[SectionModel, ...]
    scale: Annotated[float, MULTIPLIER]
    offset_ms: Annotated[float, FINITE]


@dataclass(frozen=True, kw_only=True)
class PredictionError:
    """How far predictions were from what was measured, as shares of the latter.

    Of `count` predictions for the configurations that the table's model is fitted to,
    each by a model of the others.
    """

    median: Annotated[float, FINITE]
    most: Annotated[float, FINITE]
    count: Annotated[int, COUNT]


@dataclass(frozen=True, kw_only=True)
class LatencyTable:
    """Every block of a network at several widths, under one runtime of one machine.

    `network` is the first of the configurations. The model holds for channels in
    multiples of `multiple_of`: a runtime may need twice the time for a width beside them.
    """

    network: NetworkSpec
    runtime: Annotated[str, NAME]
    threads: Annotated[int, THREADS]
    batch_size: Annotated[int, SOME_IMAGES]
    rounds: Annotated[int, ROUNDS]
    multiple_of: Annotated[int, MULTIPLE_OF]
    configurations: tuple[ConfigurationReading, ...]
    model: LatencyModel
    section_error: PredictionError
    network_error: PredictionError
    seconds: Annotated[float, SECONDS]
    provenance: Provenance
    version: int = VERSION

    def __post_init__(self) -> None:
        check_fields(self, RecordError)
        depth = self.network.depth
        if not self.configurations:
            raise RecordError("it has no configurations; measure a table again")
        names = tuple(each.name for each in self.model.sections)
        if names != section_names(depth):
            raise RecordError(
                f"its model has the sections {', '.join(names[:3])}, ...; a network of "
                f"{depth} blocks has a stem, {depth} blocks and a head"
            )


def section_names(depth: int) -> tuple[str, ...]:
    """The sections of a network with so many blocks, in forward order."""
    return ("stem", *(f"blocks.{index}" for index in range(depth)), "head")
