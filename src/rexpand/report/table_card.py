"""The card of a table: README.md with metadata that the hub reads, and tables for people."""

import json
from collections.abc import Iterator, Sequence

from rexpand.cost import cost_of
from rexpand.recipe import recipe_to_toml
from rexpand.records import SearchTable, ShapeVerdict, StudySummary, TableStudy
from rexpand.report import formats
from rexpand.report.ranking_section import noise_findings
from rexpand.report.reproduce import original_commands
from rexpand.report.table_findings import (
    gap_finding,
    scale_finding,
    verdict_finding,
)
from rexpand.report.tables import group_rows

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
    verdict: ShapeVerdict | None,
    file: str,
) -> str:
    """The card as Markdown; `summaries` are those of the studies, in their order.

    `file` is the name of the Parquet file, beside which the card will lie.
    """
    parts = [
        f"---\n{_metadata(table, file)}---\n",
        f"# {_title(table)}\n",
        f"{scale_finding(table)}\n",
        f"## What it says\n\n{_verdict(table, summaries, verdict)}",
        f"## Use\n\n{_use(table, file)}",
        f"## Columns\n\n{_columns()}",
        f"## Studies\n\n{_studies(table, summaries)}",
        f"## Protocol\n\n{_protocols(table)}",
        f"## Rebuild\n\n{_rebuild(table)}",
        f"## Limits\n\n{_limits(table)}",
    ]
    return "\n".join(parts)


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


def _verdict(
    table: SearchTable,
    summaries: Sequence[StudySummary],
    verdict: ShapeVerdict | None,
) -> str:
    lines = []
    if verdict is not None:
        lines.append(f"**{verdict_finding(verdict)}**")
        lines += [
            f"- {gap_finding(gap, verdict, table.study(gap.study))}"
            for gap in verdict.studies
        ]
    for summary in summaries:
        if summary.noise is not None:
            lines.append(f"- {summary.name}: {' '.join(noise_findings(summary.noise))}")
    return _lines(lines or ["Too few trials to compare shapes."])


def _use(table: SearchTable, file: str) -> str:
    study = table.studies[0]
    return (
        "```python\n"
        "from rexpand.search.table import best, nearest, read_table, trials_of, with_shapes\n\n"
        f"table = read_table({file!r})\n"
        f"trials = trials_of(table, study={study.name!r})\n"
        f"nearest(trials, {study.spec.channels}).accuracy\n"
        'best(with_shapes(trials, "linear")).channels\n'
        "```\n\n"
        f"Any reader of Parquet reads it, `pandas.read_parquet({file!r})` too. One row is one "
        "training. The protocols stand in the file's metadata, under `rexpand`.\n"
    )


def _columns() -> str:
    return _table(("column", "unit", "what it is"), _COLUMNS)


def _studies(table: SearchTable, summaries: Sequence[StudySummary]) -> str:
    header = (
        *("study", "budget", "trials", "of drawn", "seeds", "group", "accuracy (%)"),
        *("params", "macs", "best", "slope", "R2"),
    )
    rows = []
    for study, summary in zip(table.studies, summaries, strict=True):
        begin = (
            study.name,
            formats.budget(study.budget_macs, study.budget_params),
            f"{len(summary.trials)}",
            f"{study.drawn}",
            f"{study.seeds}",
        )
        for place, group in enumerate(group_rows(summary)):
            rows.append(
                (
                    *(begin if place == 0 else ("",) * len(begin)),
                    group.group,
                    group.accuracy,
                    group.params,
                    group.macs,
                    f"{group.best} ({group.best_accuracy})",
                    group.slope,
                    group.r_squared,
                )
            )
    said = (
        "Groups are the best tenth, ranks 50 to 60 % and the worst tenth, mean ± standard "
        "deviation, as in Table 3 of arXiv 2007.00992; the line is fitted to the mean "
        "channels of a group."
    )
    return f"{_table(header, rows)}\n{said}\n"


def _protocols(table: SearchTable) -> str:
    """Each protocol once, with the studies that share it."""
    known: dict[str, list[str]] = {}
    for study in table.studies:
        known.setdefault(_protocol(study), []).append(study.name)
    return "\n".join(f"{', '.join(names)}: {text}" for text, names in known.items())


def _protocol(study: TableStudy) -> str:
    spec = study.spec
    cost = cost_of(spec)
    images = f"{study.train_subset:,}" if study.train_subset else "all other"
    judged = "" if study.evaluated_images is None else f"{study.evaluated_images:,} "
    counted = "" if spec.num_classes else " (counted without the classifier)"
    return (
        f"`{spec.name}` at its own widths {formats.configuration(spec.channels)} has "
        f"{formats.count(cost.params)} params and {formats.count(cost.macs)} macs for "
        f"{spec.resolution} pixels{counted}. Trained on {images} training images of "
        f"{study.data}, judged by {judged}training images that were held out. "
        f"Configurations drawn with seed {study.sampling_seed}. The recipe:\n\n"
        f"```toml\n{recipe_to_toml(study.recipe).strip()}\n```\n"
    )


def _rebuild(table: SearchTable) -> str:
    provenances = [each for study in table.studies for each in study.provenances]
    commands = original_commands(provenances)
    hours = sum(row.seconds for row in table.rows) / 3600
    threads = sorted({each.threads for each in provenances if each.threads})
    per = f" of {threads[0]} thread each" if threads == [1] else ""
    machines = sorted({each.machine.cpu for each in provenances})
    commits = sorted({each.commit for each in provenances if each.commit})
    versions = provenances[0].versions if provenances else {}
    torch = f", torch {versions['torch']}" if "torch" in versions else ""
    took = (
        f"The trainings took {hours:.1f} hours in all, in processes{per}, on "
        f"{formats.listed(machines)}{torch}; commit "
        f"{formats.listed([each[:7] for each in commits])}."
    )
    return _lines([took, "```bash\n" + "\n".join(commands) + "\n```"])


def _limits(table: SearchTable) -> str:
    drawn = sum(study.drawn for study in table.studies)
    trials = len({(row.study, row.trial) for row in table.rows})
    missing = (
        f" {drawn - trials} of {drawn} drawn trials did not finish."
        if drawn > trials
        else ""
    )
    return f"{_LIMITS}{missing}\n"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = (header, ("---",) * len(header), *rows)
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _lines(parts: Sequence[str]) -> str:
    """Paragraphs apart, the points of a list together."""
    return "".join(_spaced(parts)) + "\n"


def _spaced(parts: Sequence[str]) -> Iterator[str]:
    for place, part in enumerate(parts):
        together = part.startswith("- ") and place and parts[place - 1].startswith("- ")
        yield ("\n" if together else "\n\n" if place else "") + part
