"""The latency of every block of a network, alone and within the whole, at several widths.

Each section runs as a graph of its own, by the runtime's one way of preparing a module,
on a map of its real size, in the same rounds as the whole network. The widths are
configurations drawn as a search draws them, from half to twice some macs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
import torch

from rexpand.allowed import check_fields
from rexpand.budget import Budget, sample, section_ms
from rexpand.codec import to_content
from rexpand.cost import Cost, cost_of, section_costs
from rexpand.errors import MistakeError
from rexpand.latency.intervals import median_spread
from rexpand.latency.rounds import Call, Timing, interleaved
from rexpand.latency.runtimes import Runtime
from rexpand.latency.section_fit import (
    Sight,
    Sighted,
    fitted,
    held_out,
    network_ms,
    prediction_error,
)
from rexpand.latency.sections import (
    Section,
    section_inputs,
    section_modules,
    sections_of,
)
from rexpand.latency.threads import threads_of_torch
from rexpand.models import build, check_runs
from rexpand.ranges import FITTED, FORWARD_BATCH, MULTIPLE_OF, ROUNDS, THREADS
from rexpand.records import (
    ConfigurationReading,
    LatencyModel,
    LatencyTable,
    SectionReading,
    this_provenance,
)
from rexpand.spec import NetworkSpec

_SPAN = 2.0  # configurations have from 1 / span to span times the macs
_TOLERANCE = 0.1  # of the macs: only their spread matters
_WHOLE = "whole network"


@dataclass(frozen=True, kw_only=True)
class TablePlan:
    """What to measure: some networks that differ in channels alone, the first one named.

    The model is fitted to those whose channels are multiples of `multiple_of`. `threads`
    are the runtime's.
    """

    networks: tuple[NetworkSpec, ...]
    rounds: Annotated[int, ROUNDS]
    threads: Annotated[int, THREADS]
    multiple_of: Annotated[int, MULTIPLE_OF] = 1
    batch_size: Annotated[int, FORWARD_BATCH] = 1

    def __post_init__(self) -> None:
        check_fields(self, MistakeError)
        fitted = sum(map(self.fits, self.networks))
        FITTED.check("configurations in these multiples", fitted, MistakeError)
        sections_of(self.networks[0])  # raises before the timing

    def fits(self, spec: NetworkSpec) -> bool:
        """Whether the model is fitted to a network."""
        return not any(width % self.multiple_of for width in spec.channels)


@dataclass(frozen=True, kw_only=True)
class _Timed:
    """A configuration with its sections, what they cost, and all times."""

    spec: NetworkSpec
    sections: tuple[Section, ...]
    costs: tuple[Cost, ...]
    whole: Timing
    parts: tuple[Timing, ...]

    @property
    def sighted(self) -> Sighted:
        """What the model is fitted to."""
        rows = zip(self.sections, self.costs, self.parts, strict=True)
        return Sighted(
            sections=tuple(
                Sight(
                    name=section.name,
                    kind=_kind(section),
                    cost=cost,
                    ms=timing.latency_ms.median,
                )
                for section, cost, timing in rows
            ),
            ms=self.whole.latency_ms.median,
        )


def configurations(
    spec: NetworkSpec, count: int, *, macs: float | None = None, multiple_of: int
) -> tuple[NetworkSpec, ...]:
    """The network itself, and others of half to twice some macs, by default its own.

    Their shapes are drawn as a search draws them; the macs are spaced evenly on a
    logarithmic scale. Raises BudgetError for macs that the family cannot have.
    """
    middle = cost_of(spec).macs if macs is None else macs
    shares = np.geomspace(1 / _SPAN, _SPAN, count - 1)
    drawn = (
        sample(
            spec,
            Budget(macs=middle * share),
            1,
            seed=seed,
            tolerance=_TOLERANCE,
            multiple_of=multiple_of,
        )
        for seed, share in enumerate(shares.tolist())
    )
    others = (spec.with_channels(each.channels[0].tolist()) for each in drawn)
    return (spec, *others)


def measured_table(
    plan: TablePlan, runtime: Runtime, advance: Callable[[int], None]
) -> LatencyTable:
    """Time every configuration and fit the model; `advance` counts configurations."""
    started = time.perf_counter()
    timed: list[_Timed] = []
    with threads_of_torch(plan.threads):
        for spec in plan.networks:
            timed.append(_timed(spec, plan, runtime))
            advance(1)
    seen = {
        place: each.sighted for place, each in enumerate(timed) if plan.fits(each.spec)
    }
    model = fitted([*seen.values()])
    blind = dict(zip(seen, held_out([*seen.values()]), strict=True))
    rows = tuple(
        _reading(each, blind.get(place, model), is_fitted=place in seen)
        for place, each in enumerate(timed)
    )
    known = [row for row in rows if row.is_fitted]
    parts = [section for row in known for section in row.sections]
    return LatencyTable(
        network=plan.networks[0],
        runtime=runtime.name,
        threads=plan.threads,
        batch_size=plan.batch_size,
        rounds=plan.rounds,
        multiple_of=plan.multiple_of,
        configurations=rows,
        model=model,
        section_error=prediction_error(
            [each.held_out_ms for each in parts],
            [each.latency_ms.median for each in parts],
        ),
        network_error=prediction_error(
            [each.held_out_ms for each in known],
            [each.latency_ms.median for each in known],
        ),
        seconds=time.perf_counter() - started,
        provenance=this_provenance(
            ("rexpand", "torch", runtime.name), threads=plan.threads
        ),
    )


def _timed(spec: NetworkSpec, plan: TablePlan, runtime: Runtime) -> _Timed:
    calls = _calls(spec, plan.batch_size, runtime)
    whole, *parts = interleaved(calls, rounds=plan.rounds, clock=runtime.clock)
    costs = section_costs(spec, [spec.channels])
    sections = sections_of(spec)
    return _Timed(
        spec=spec,
        sections=sections,
        costs=tuple(_whole_numbers(costs[each.name]) for each in sections),
        whole=whole,
        parts=tuple(parts),
    )


def _calls(spec: NetworkSpec, batch_size: int, runtime: Runtime) -> dict[str, Call]:
    """The whole network first, then its sections, ready to be timed."""
    module = build(spec).eval()
    check_runs(module, images=batch_size, resolution=spec.resolution)
    images = torch.zeros(batch_size, *spec.image)
    calls = {_WHOLE: runtime.prepared(module, images)}
    for section, part, maps in zip(
        sections_of(spec),
        section_modules(module),
        section_inputs(module, images),
        strict=True,
    ):
        calls[section.name] = runtime.prepared(part, maps)
    return calls


def _reading(
    timed: _Timed, blind: LatencyModel, *, is_fitted: bool
) -> ConfigurationReading:
    """A configuration's times, beside what a model predicts that has not seen it."""
    spec, cost = timed.spec, cost_of(timed.spec)
    sums = np.sum([each.ratios for each in timed.parts], axis=0)
    return ConfigurationReading(
        channels=spec.channels,
        macs=cost.macs,
        params=cost.params,
        latency_ms=timed.whole.latency_ms,
        sections=tuple(
            SectionReading(
                name=section.name,
                in_channels=section.in_channels,
                out_channels=section.out_channels,
                expanded=section.expanded,
                stride=section.stride,
                resolution=section.resolution,
                macs=cost.macs,
                memory_access=cost.memory_access,
                latency_ms=timing.latency_ms,
                held_out_ms=float(section_ms(numbers, cost)),
            )
            for section, cost, timing, numbers in zip(
                timed.sections, timed.costs, timed.parts, blind.sections, strict=True
            )
        ),
        additivity=median_spread(sums.tolist()),
        held_out_ms=network_ms(blind, timed.sighted),
        is_fitted=is_fitted,
    )


def _kind(section: Section) -> str:
    """What a section's time depends on besides its widths, as a text."""
    if section.block is None:
        return section.name
    content: dict[str, Any] = to_content(section.block)
    del content["out_channels"]
    return f"{section.resolution} pixels, {content}"


def _whole_numbers(cost: Cost) -> Cost:
    """A cost of one configuration, whose counts are columns of one row."""
    counts = (cost.params, cost.macs, cost.activations, cost.memory_access)
    return Cost(*(int(np.ravel(each)[0]) for each in counts))
