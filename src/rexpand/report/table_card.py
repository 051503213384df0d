"""The card of a table: README.md with metadata that the hub reads, and tables for people."""

import json
from collections.abc import Sequence

from rexpand.records import SearchTable, ShapeVerdict, StudySummary
from rexpand.report.table_sections import rows_of, table_sections

# The hub's names of sizes.
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
_LARGER = "100K<n<1M"
_COLUMNS = (
    ("study", "text", "the study, of those below"),
    ("trial", "number", "the configuration, numbered within its study"),
    ("seed", "number", "of weights, order of images and augmentation"),
    ("shape", "text", "the stratum that the sampler drew the configuration from"),
    ("channels", "list", "output channels of each block, in forward order"),
    ("params", "elements", "learned parameters, as the budget counts them"),
    ("macs", "multiply-accumulates", "of one image, likewise"),
    (
        "activations",
        "elements",
        "that convolutions and linear layers output, of one image",
    ),
    ("memory_access", "elements", "that they read and write, of one image"),
    ("accuracy", "%", "top-1 of the held-out images after the last epoch"),
    ("epoch_accuracies", "%", "the same after each epoch"),
    (
        "nuclear_norm",
        "",
        "of the penultimate features of the held-out images, at the end",
    ),
    ("effective_rank", "", "exp of the entropy of their normalised singular values"),
    ("seconds", "s", "of the training with its evaluations, on the machine below"),
)
_LIMITS = """\
- Short trainings: accuracies are far from what these networks reach, and the order of configurations after a long training may be another.
- Held-out training images judge; no test image does. The best of many trials is a little too high: train it again with fresh seeds.
- Another processor rounds otherwise: single accuracies move by as much as with another seed.
- Only configurations that never decrease were drawn, in five shapes of equal shares, and only those within the budgets."""


def table_card(
    table: SearchTable,
    summaries: Sequence[StudySummary],
    verdicts: Sequence[ShapeVerdict],
    file: str,
) -> str:
    """The card as Markdown; `summaries` are those of the studies, in their order.

    `file` is the name of the Parquet file, beside which the card will lie.
    """
    said = table_sections(table, summaries, verdicts)
    columns = rows_of(("column", "unit", "what it is"), _COLUMNS)
    parts = [
        f"---\n{_metadata(table, file)}---",
        f"# {_title(table)}",
        said["scale"],
        said["verdict"],
        f"## Use\n\n{_use(table, file)}",
        f"## Columns\n\nOne row is one training.\n\n{columns}",
        f"## Groups\n\n{said['studies']}",
        f"## Shapes\n\n{said['shapes']}",
        f"## Rank correlations\n\n{said['correlations']}",
        f"## How far to trust the ranking\n\n{said['trust']}",
        f"## Protocol\n\n{said['protocol']}",
        f"## Rebuild\n\n{said['rebuild']}",
        f"## Limits\n\n{_limits(table)}",
    ]
    return "\n\n".join(parts) + "\n"


def _title(table: SearchTable) -> str:
    network, data = table.studies[0].spec.name, table.studies[0].data
    return f"Channel configurations of {network} on {data}"


def _metadata(table: SearchTable, file: str) -> str:
    """YAML; texts are quoted as JSON is, which YAML reads."""
    rows = len(table.rows)
    size = next((name for most, name in _SIZES if rows < most), _LARGER)
    return (
        "license: mit\n"
        f"pretty_name: {json.dumps(_title(table))}\n"
        "tags:\n- rexpand\n- neural-architecture-search\n- tabular-benchmark\n"
        f"size_categories:\n- {size}\n"
        "configs:\n- config_name: default\n"
        f"  data_files: {json.dumps(file)}\n"
    )


def _use(table: SearchTable, file: str) -> str:
    study = table.studies[0]
    return (
        "```python\n"
        "from rexpand.search.table import best, nearest, read_table, trials_of, with_shapes\n\n"
        f"table = read_table({json.dumps(file)})\n"
        f"trials = trials_of(table, study={json.dumps(study.name)})\n"
        f"nearest(trials, {study.spec.channels}).accuracy\n"
        'best(with_shapes(trials, "linear")).channels\n'
        "```\n\n"
        f"Any reader of Parquet reads it, `pandas.read_parquet({json.dumps(file)})` too. The protocols "
        "stand in the file's metadata, under `rexpand`."
    )


def _limits(table: SearchTable) -> str:
    drawn = sum(study.drawn for study in table.studies)
    trials = len({(row.study, row.trial) for row in table.rows})
    missing = (
        f" {drawn - trials} of {drawn} drawn trials did not finish."
        if drawn > trials
        else ""
    )
    return f"{_LIMITS}{missing}"
