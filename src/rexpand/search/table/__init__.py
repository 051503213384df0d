"""The trainings of finished studies as a table that answers without training.

    table = read_table("results/search/cifar100.parquet")
    trials = trials_of(table, study="macs_1M")
    nearest(trials, (9, 12, 16, 21, 25)).accuracy
    best(with_shapes(trials, "linear")).channels

`summary_of` gives the statistics of a study again, and with them its page; `simulate`
runs a search against the table. Nothing here needs torch.
"""

from rexpand.search.table.files import read_table, write_table
from rexpand.search.table.queries import (
    TableTrial,
    best,
    exact,
    nearest,
    trials_of,
    with_shapes,
)
from rexpand.search.table.simulation import (
    Evaluation,
    expected_best,
    random_order,
    simulate,
)
from rexpand.search.table.studies import table_of
from rexpand.search.table.summary import summary_of
from rexpand.search.table.verdict import verdict, verdicts

__all__ = [
    "Evaluation",
    "TableTrial",
    "best",
    "exact",
    "expected_best",
    "nearest",
    "random_order",
    "read_table",
    "simulate",
    "summary_of",
    "table_of",
    "trials_of",
    "verdict",
    "verdicts",
    "with_shapes",
    "write_table",
]
