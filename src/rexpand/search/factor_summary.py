"""From the folder of a factor analysis to everything that its page shows."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from rexpand.cost import cost_of
from rexpand.records import FactorRow, FactorSummary, Record, merged
from rexpand.search.factor_design import Cell, FactorDesign, factor_folder
from rexpand.search.factors import row_records
from rexpand.search.intervals import CONFIDENCE, interval
from rexpand.search.statistics import spearman

# Table 2: top-1 in percent on CIFAR-100 and nuclear norm, means of three models.
_PUBLISHED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "baseline": (48.0, 5997.5),
        "first 1x1": (52.1, 6655.9),
        "bottleneck": (53.8, 6703.2),
        "activation": (54.6, 6895.9),
    }
)


def summarise_factors(folder: str | Path) -> FactorSummary:
    """What an analysis has found so far; it may still be running."""
    folder = Path(folder)
    design = factor_folder(folder).read()
    records = row_records(design, folder)
    every = [record for row in records for record in row]
    return FactorSummary(
        name=folder.resolve().name,
        setting=design.setting,
        data=design.data,
        images=every[0].images if every else design.train_subset,
        evaluated_on="validation" if design.recipe.validation else "test",
        held_out=design.recipe.validation,
        macs=design.macs,
        seeds=design.seeds,
        recipe=design.recipe,
        rows=_rows(design, records),
        correlations=_correlations(every),
        confidence=CONFIDENCE,
        seconds=sum(record.seconds for record in every),
        provenances=merged(record.provenance for record in every),
    )


def _rows(
    design: FactorDesign, records: Sequence[Sequence[Record]]
) -> tuple[FactorRow, ...]:
    above: Sequence[Record] = ()
    rows = []
    for cell, own in zip(design.cells, records, strict=True):
        rows.append(_row(cell, own, above))
        above = own
    return tuple(rows)


def _row(cell: Cell, own: Sequence[Record], above: Sequence[Record]) -> FactorRow:
    cost = cost_of(cell.spec)
    norms = [record.nuclear_norm or 0.0 for record in own]
    ranks = [record.effective_rank or 0.0 for record in own]
    published = _PUBLISHED[cell.factors.name]
    pairs = [
        (mine, theirs) for mine in own for theirs in above if mine.seed == theirs.seed
    ]
    return FactorRow(
        name=cell.factors.name,
        expand_ratio=cell.factors.expand_ratio,
        dim_ratio=cell.factors.dim_ratio,
        activation=cell.factors.expand_activation,
        stem=cell.spec.stem.out_channels,
        channels=cell.spec.channels,
        params=cost.params,
        macs=cost.macs,
        seeds=tuple(record.seed for record in own),
        accuracies=tuple(record.accuracy for record in own),
        nuclear_norms=tuple(norms),
        effective_ranks=tuple(ranks),
        accuracy=interval([record.accuracy for record in own]),
        nuclear_norm=interval(norms),
        effective_rank=interval(ranks),
        accuracy_gain=interval([a.accuracy - b.accuracy for a, b in pairs]),
        nuclear_norm_gain=interval(
            [(a.nuclear_norm or 0) - (b.nuclear_norm or 0) for a, b in pairs]
        ),
        published_accuracy=published[0],
        published_nuclear_norm=published[1],
    )


def _correlations(records: Sequence[Record]) -> dict[str, float]:
    """Spearman's correlation with accuracy over all runs."""
    accuracies = [record.accuracy for record in records]
    columns = {
        "macs": [float(record.macs) for record in records],
        "params": [float(record.params) for record in records],
        "nuclear_norm": [record.nuclear_norm or 0.0 for record in records],
        "effective_rank": [record.effective_rank or 0.0 for record in records],
    }
    found = {name: spearman(accuracies, values) for name, values in columns.items()}
    return {name: value for name, value in found.items() if value is not None}
