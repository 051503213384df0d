"""A device whose time depends on macs and memory access alone, and tables of it."""

from torch import Tensor, nn

from rexpand.budget import Latency
from rexpand.cost import cost_of
from rexpand.latency.block_table import TablePlan, configurations, measured_table
from rexpand.latency.rounds import Call
from rexpand.latency.runtimes import Runtime
from rexpand.records import LatencyModel, LatencyTable, SectionModel, section_names
from rexpand.spec import NetworkSpec
from rexpand.trace import measure

START_MS, MS_PER_GIGAMAC, MS_PER_GIGAELEMENT = 0.02, 2.0, 40.0


class Counting(Runtime):
    """Every graph takes a start, and more for each mac and each element."""

    name = "counting"
    seconds = 0.0

    def __init__(self) -> None:
        self._now = 0.0

    def prepared(self, module: nn.Module, images: Tensor) -> Call:
        cost = measure(module, tuple(images.shape[1:]))
        ms = (
            START_MS
            + (MS_PER_GIGAMAC * cost.macs + MS_PER_GIGAELEMENT * cost.memory_access)
            / 1e9
        )

        def call() -> None:
            self._now += ms / 1e3

        return call

    def clock(self) -> float:
        return self._now


def counting_latency(
    spec: NetworkSpec, *, least_ms: float = 0.0, most_ms: float = 1e6
) -> Latency:
    """What an exact table of the counting device predicts for channels of a network."""
    sections = tuple(
        SectionModel(
            name=name,
            ms=START_MS,
            ms_per_gigamac=MS_PER_GIGAMAC,
            ms_per_gigaelement=MS_PER_GIGAELEMENT,
        )
        for name in section_names(spec.depth)
    )
    starts = (len(sections) - 1) * START_MS
    return Latency(
        table="counting",
        network=spec,
        runtime="counting",
        threads=1,
        batch_size=1,
        multiple_of=1,
        cpu="none",
        model=LatencyModel(sections=sections, scale=1.0, offset_ms=-starts),
        least_ms=least_ms,
        most_ms=most_ms,
    )


def counted_ms(spec: NetworkSpec) -> float:
    """The milliseconds of a network on the counting device."""
    cost = cost_of(spec)
    return (
        START_MS
        + (MS_PER_GIGAMAC * cost.macs + MS_PER_GIGAELEMENT * cost.memory_access) / 1e9
    )


def tabled(
    spec: NetworkSpec, runtime: Runtime, *, count: int = 6, multiple_of: int = 8
) -> LatencyTable:
    """The table of a network under a runtime, in few rounds."""
    plan = TablePlan(
        networks=configurations(spec, count, multiple_of=multiple_of),
        rounds=2,
        threads=1,
        multiple_of=multiple_of,
    )
    return measured_table(plan, runtime, lambda _: None)
