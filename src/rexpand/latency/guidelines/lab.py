"""The experiments run: every stack under every runtime, in interleaved rounds."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch

from rexpand.errors import MistakeError
from rexpand.latency.guidelines.experiments import (
    GUIDELINES,
    Guideline,
    Stack,
    stacks,
)
from rexpand.latency.guidelines.modules import build_stack, in_channels
from rexpand.latency.guidelines.published import published_speeds
from rexpand.latency.guidelines.verdicts import (
    doubling_cost,
    joint_verdict,
    sentence,
    verdict_of,
)
from rexpand.latency.rounds import Call, Timing, interleaved
from rexpand.latency.runtimes import Runtime
from rexpand.latency.threads import threads_of_torch
from rexpand.records import (
    GuidelineFinding,
    GuidelineRow,
    GuidelineStudy,
    MedianSpread,
    Quartiles,
    this_provenance,
)
from rexpand.trace import measure


@dataclass(frozen=True, kw_only=True)
class LabPlan:
    """What to run: `threads` of the runtimes, channels in multiples of `multiple_of`."""

    guidelines: tuple[Guideline, ...] = GUIDELINES
    rounds: int = 15
    threads: int
    multiple_of: int = 1

    def __post_init__(self) -> None:
        for name, least in (("rounds", 2), ("threads", 1), ("multiple_of", 1)):
            given = getattr(self, name)
            if given < least:
                raise MistakeError(f"{name} is {given}; give at least {least}")
        for guideline in self.guidelines:
            for width in guideline.widths:
                stacks(guideline, width, self.multiple_of)  # raises before the timing

    @property
    def parts(self) -> int:
        """Experiments at a width, under one runtime."""
        return sum(len(guideline.widths) for guideline in self.guidelines)


def run_guidelines(
    plan: LabPlan, runtimes: Sequence[Runtime], advance: Callable[[int], None]
) -> GuidelineStudy:
    """Time the stacks and judge the guidelines; `advance` counts experiments done."""
    started = time.perf_counter()
    rows: list[GuidelineRow] = []
    with threads_of_torch(plan.threads):
        for guideline in plan.guidelines:
            for runtime in runtimes:
                for width in guideline.widths:
                    rows += _timed(plan, guideline, runtime, width)
                    advance(1)
    numbers = [guideline.number for guideline in plan.guidelines]
    return GuidelineStudy(
        titles={str(each.number): each.title for each in plan.guidelines},
        sides={str(each.number): each.side for each in plan.guidelines},
        rows=tuple(rows),
        findings=tuple(
            finding
            for guideline in plan.guidelines
            for finding in findings(guideline, rows)
        ),
        published=published_speeds(numbers),
        rounds=plan.rounds,
        threads=plan.threads,
        multiple_of=plan.multiple_of,
        seconds=time.perf_counter() - started,
        provenance=this_provenance(
            ("rexpand", "torch", *(runtime.name for runtime in runtimes)),
            threads=plan.threads,
        ),
    )


def findings(
    guideline: Guideline, rows: Sequence[GuidelineRow]
) -> tuple[GuidelineFinding, ...]:
    """What the rows of an experiment say of its guideline, an arm and runtime each."""
    own = [row for row in rows if row.guideline == guideline.number]
    runtimes = dict.fromkeys(row.runtime for row in own)
    return tuple(
        _finding(guideline, arm, [row for row in own if row.runtime == runtime])
        for runtime in runtimes
        for arm in guideline.arms
    )


def _finding(
    guideline: Guideline, arm: tuple[str, ...], rows: Sequence[GuidelineRow]
) -> GuidelineFinding:
    claimed = [row for row in rows if row.variant == arm[-1]]
    against, runtime = rows[0].variant, rows[0].runtime
    fitted = tuple(_doubling(arm, rows, row.width) for row in claimed if len(arm) > 1)
    return GuidelineFinding(
        guideline=guideline.number,
        runtime=runtime,
        variant=arm[-1],
        against=against,
        verdict=joint_verdict([verdict_of(row.ratio) for row in claimed]),
        doubling=fitted,
        sentence=sentence(
            guideline.number, runtime, against, claimed, fitted, guideline.degree
        ),
    )


def _doubling(
    arm: tuple[str, ...], rows: Sequence[GuidelineRow], width: int
) -> MedianSpread:
    return doubling_cost(
        {
            row.degree: row.ratios
            for row in rows
            if row.width == width and row.variant in arm
        }
    )


def _timed(
    plan: LabPlan, guideline: Guideline, runtime: Runtime, width: int
) -> Iterator[GuidelineRow]:
    found = stacks(guideline, width, plan.multiple_of)
    calls = {each.name: _prepared(each, guideline.side, runtime) for each in found}
    timings = interleaved(calls, rounds=plan.rounds, clock=runtime.clock)
    for stack, timing in zip(found, timings, strict=True):
        is_first = stack is found[0]
        yield _row(guideline, runtime.name, width, stack, timing, is_first)


def _prepared(stack: Stack, side: int, runtime: Runtime) -> Call:
    images = torch.rand(1, in_channels(stack), side, side)
    return runtime.prepared(build_stack(stack), images)


def _row(
    guideline: Guideline,
    runtime: str,
    width: int,
    stack: Stack,
    timing: Timing,
    is_first: bool,
) -> GuidelineRow:
    side = guideline.side
    with torch.device("meta"):
        module = build_stack(stack)
    cost = measure(module, (in_channels(stack), side, side))
    ms, ratio = timing.latency_ms, timing.ratio
    return GuidelineRow(
        guideline=guideline.number,
        runtime=runtime,
        variant=stack.name,
        degree=stack.degree,
        width=width,
        scale=width // guideline.widths[0],
        narrow=stack.narrow,
        wide=stack.wide,
        params=cost.params,
        macs=cost.macs,
        memory_access=cost.memory_access,
        latency_ms=Quartiles(
            median=ms.median, low=ms.low, high=ms.high, count=ms.count
        ),
        ratio=ratio,
        ratios=timing.ratios,
        verdict=None if is_first else verdict_of(ratio),
    )
