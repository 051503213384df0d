"""Latency as a bound: what a table of measured blocks predicts for any channels.

A prediction is a sum of macs and memory access of the sections, each with its own
weights (`records.LatencyModel`). So it is a quadratic along a line of channels, as macs
and params are, and the same solver and sampler serve it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rexpand.allowed import check_fields
from rexpand.codec import to_content, to_line
from rexpand.cost import Cost, section_costs
from rexpand.cost.layers import Count
from rexpand.errors import BudgetError
from rexpand.ranges import MILLISECONDS, MULTIPLE_OF, NAME, SOME_IMAGES, THREADS
from rexpand.records import LatencyModel, LatencyTable, SectionModel
from rexpand.records.differences import differences, listed
from rexpand.spec import NetworkSpec

_GIGA = 1e9


@dataclass(frozen=True, kw_only=True)
class Latency:
    """The latency that a table predicts, and what it holds for.

    `table` is the hash of the whole table, `network` the one that it measured, with
    channels in multiples of `multiple_of`. Networks from `least_ms` to `most_ms` were
    measured; beyond, nothing is known.
    """

    table: Annotated[str, NAME]
    network: NetworkSpec
    runtime: Annotated[str, NAME]
    threads: Annotated[int, THREADS]
    batch_size: Annotated[int, SOME_IMAGES]
    multiple_of: Annotated[int, MULTIPLE_OF]
    cpu: str
    model: LatencyModel
    least_ms: Annotated[float, MILLISECONDS]
    most_ms: Annotated[float, MILLISECONDS]

    def __post_init__(self) -> None:
        check_fields(self, BudgetError)

    def predicted_ms(
        self, spec: NetworkSpec, channels: ArrayLike
    ) -> NDArray[np.float64]:
        """Milliseconds of each configuration; `channels` is (configurations, blocks)."""
        rows = np.asarray(channels, dtype=np.float64)
        return predicted_ms(self.model, section_costs(spec, rows), len(rows))

    def check_network(self, spec: NetworkSpec) -> None:
        """Raise BudgetError for a network that the table does not know."""
        if spec.depth != self.network.depth:
            raise BudgetError(
                f"the latency table is of {self.network.name} with {self.network.depth} "
                f"blocks, and {spec.name} has {spec.depth}; measure a table of it"
            )
        if found := differences(_bare(self.network), _bare(spec)):
            raise BudgetError(
                f"the latency table is of another network than {spec.name}: "
                f"{listed(found)}; measure a table of this one"
            )

    def check_multiple(self, multiple_of: int) -> None:
        """Raise BudgetError for channels in other multiples than those measured."""
        if multiple_of % self.multiple_of:
            raise BudgetError(
                f"the latency table holds for channels in multiples of {self.multiple_of}, "
                f"and multiple_of is {multiple_of}; give {self.multiple_of}, or measure a "
                f"table for multiples of {multiple_of}"
            )

    def check_bound(self, bound: float) -> None:
        """Raise BudgetError for a bound outside of what was measured."""
        if not self.least_ms <= bound <= self.most_ms:
            raise BudgetError(
                f"latency_ms is {bound:g}, and the table measured networks of "
                f"{self.least_ms:.4g} to {self.most_ms:.4g} ms; give a bound among them, "
                "or measure a table of smaller or larger configurations"
            )


def measured_latency(table: LatencyTable) -> Latency:
    """What a table predicts, with its identity."""
    fitted = [each for each in table.configurations if each.is_fitted]
    found = [each.latency_ms.median for each in fitted]
    return Latency(
        table=sha256(to_line(table).encode()).hexdigest()[:16],
        network=table.network,
        runtime=table.runtime,
        threads=table.threads,
        batch_size=table.batch_size,
        multiple_of=table.multiple_of,
        cpu=table.provenance.machine.cpu,
        model=table.model,
        least_ms=min(found),
        most_ms=max(found),
    )


def predicted_ms(
    model: LatencyModel, costs: Mapping[str, Cost], count: int
) -> NDArray[np.float64]:
    """What a model predicts for `count` configurations from the costs of sections."""
    total = np.zeros(count)
    for section in model.sections:
        total += section_ms(section, costs[section.name])
    return model.offset_ms + model.scale * total


def section_ms(section: SectionModel, cost: Cost) -> Count:
    """What a model predicts for one section alone: a number, or a column of them."""
    return (
        section.ms
        + cost.macs / _GIGA * section.ms_per_gigamac
        + cost.memory_access / _GIGA * section.ms_per_gigaelement
    )


def _bare(spec: NetworkSpec) -> dict[str, Any]:
    """The network as content, without widths and what inference does not depend on."""
    content: dict[str, Any] = to_content(spec)
    for name in ("name", "family", "non_decreasing", "drop_path", "norm_eps"):
        del content[name]
    del content["head"]["dropout"]
    for block in content["blocks"]:
        del block["out_channels"]
    return content
