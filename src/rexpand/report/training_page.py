"""The page of a training: one run, or the seeds of one."""

from collections.abc import Sequence
from statistics import fmean

from rexpand.records import Judgement, Record, collapses, merged, sample_std
from rexpand.report import formats, markup
from rexpand.report.document import document, provenance, recipe
from rexpand.report.figures import Figure
from rexpand.report.markup import Cell, Column
from rexpand.report.training_changes import recipe_changes
from rexpand.report.training_figures import training_figures
from rexpand.report.training_mistakes import (
    confused_pairs,
    mistaken_images,
    worst_examples,
)

_COLUMNS = (
    Column(title="Seed", is_number=True),
    Column(title="Accuracy (%)", is_number=True, hint="of the weights that were kept"),
    Column(title="Loss", is_number=True, hint="on the same images"),
    Column(title="Training loss", is_number=True, hint="mean of the last epoch"),
    Column(title="Epochs", is_number=True),
    Column(title="Images/s", is_number=True, hint="training, mean of the epochs"),
    Column(title="Time", is_number=True),
)


def training_page(
    records: Sequence[Record],
    figures: Sequence[Figure] | None = None,
    judgement: Judgement | None = None,
) -> str:
    """The page as one HTML document; one record per seed, at least one.

    `judgement` is that of the run, or of all seeds together. `figures` saves drawing those of
    `training_figures(records, judgement)` again. Raises MissingExtraError without the
    `report` extra.
    """
    drawn = training_figures(records, judgement) if figures is None else tuple(figures)
    first = records[0]
    name = first.spec.name
    numbered = [*enumerate(drawn, start=1)]
    curves = "".join(
        markup.figure(n, figure) for n, figure in numbered if figure.name != "confusion"
    )
    body = [
        *(markup.paragraph(text, "caution") for text in training_cautions(records)),
        markup.facts(_facts(records)),
        markup.section(
            "Training curves", f'<div class="figures">{curves}</div>', "curves"
        ),
        *([_mistakes(judgement, numbered, records)] if judgement else []),
        _seeds(records),
        recipe(first.recipe),
        recipe_changes((each.seed, c) for each in records for c in each.changes),
        provenance(merged(record.provenance for record in records)),
    ]
    return document(
        title=name,
        kicker=f"Training · {first.data}",
        lead=training_finding(records, name),
        body="".join(body),
        figures=drawn,
    )


def training_finding(records: Sequence[Record], name: str) -> str:
    """The accuracy, on how many images of which kind, after how much training."""
    first = records[0]
    longest = max(len(record.epochs) for record in records)
    early = ", stopped early" if all(r.stopped_early for r in records) else ""
    early += _best(records)
    reached = (
        f"{name} reaches {_accuracy(records)} % on {judged_images(first)} after "
        f"{formats.plural(longest, 'epoch')} on {first.images:,} training images{early}."
        f"{_start(first)}"
    )
    if len(records) == 1:
        return f"{reached} This is one run with one seed, {first.seed}."
    low, high = min(_accuracies(records)), max(_accuracies(records))
    return (
        f"{reached} Mean and standard deviation of {len(records)} seeds, which lie from "
        f"{formats.percent(low)} to {formats.percent(high)} %."
    )


def training_cautions(records: Sequence[Record]) -> tuple[str, ...]:
    """The blocks whose features collapsed while the network was trained."""
    found = [
        (record.seed, each) for record in records for each in collapses(record.epochs)
    ]
    where = " with seed {}" if len(records) > 1 else ""
    return tuple(
        f"Features collapsed{where.format(seed)} in {each}." for seed, each in found
    )


def judged_images(record: Record) -> str:
    """The images that gave the accuracy: 200 validation images."""
    count = "" if record.evaluated_images is None else f"{record.evaluated_images:,} "
    return f"{count}{record.evaluated_on} images"


def _best(records: Sequence[Record]) -> str:
    """Which epochs were kept; empty where it was the last one."""
    found = [record.best_epoch for record in records]
    best = sorted(1 + each for each in found if each is not None)
    if not best:
        return ""
    span = f"{best[0]}" if best[0] == best[-1] else f"{best[0]} to {best[-1]}"
    return f"; the best epoch was kept, {span}"


def _start(record: Record) -> str:
    """The weights that training began with; empty for fresh ones."""
    if record.started_from is None:
        return ""
    before = record.start_accuracy
    known = "" if before is None else f" at {formats.percent(before)} %"
    return f" Training started from {record.started_from}{known}."


def _accuracies(records: Sequence[Record]) -> list[float]:
    return [record.accuracy for record in records]


def _accuracy(records: Sequence[Record]) -> str:
    accuracies = _accuracies(records)
    return formats.percent_spread(fmean(accuracies), sample_std(accuracies))


def _facts(records: Sequence[Record]) -> list[tuple[str, str]]:
    first = records[0]
    norm = first.nuclear_norm if len(records) == 1 else None
    seeds = ", ".join(str(record.seed) for record in records)
    return [
        ("Accuracy", f"{_accuracy(records)} %"),
        ("Measured on", judged_images(first)),
        ("Params", formats.count(first.params)),
        ("Macs", formats.count(first.macs)),
        *([("Started from", first.started_from)] if first.started_from else []),
        ("Seed" if len(records) == 1 else "Seeds", seeds),
        ("Time", formats.duration(sum(record.seconds for record in records))),
        ("Peak memory", f"{max(r.peak_memory_mb for r in records):,.0f} MB"),
        *([("Nuclear norm", f"{norm:.1f}")] if norm is not None else []),
    ]


def _mistakes(
    judgement: Judgement,
    numbered: Sequence[tuple[int, Figure]],
    records: Sequence[Record],
) -> str:
    """The matrix of the classes, the most frequent mistakes and the worst images."""
    images = mistaken_images(records)
    matrix = "".join(
        markup.figure(n, figure) for n, figure in numbered if figure.name == "confusion"
    )
    body = f'<div class="figures">{matrix}</div>{confused_pairs(judgement, images)}'
    return markup.section("Mistakes", body, "mistakes") + worst_examples(
        judgement, images
    )


def _seeds(records: Sequence[Record]) -> str:
    """A row per seed; empty for a single run, whose facts say it all."""
    if len(records) == 1:
        return ""
    caption = (
        f"One training per seed; accuracy and loss on {judged_images(records[0])}."
    )
    rows = [_cells(record) for record in records]
    return markup.section(
        "Seeds", markup.table(_COLUMNS, rows, caption, "sortable"), "seeds"
    )


def _cells(record: Record) -> list[Cell]:
    speed = fmean(epoch.images_per_second for epoch in record.epochs)
    values = (
        (record.seed, f"{record.seed}"),
        (record.accuracy, f"{record.accuracy:.2f}"),
        (record.loss, f"{record.loss:.4f}"),
        (record.epochs[-1].loss, f"{record.epochs[-1].loss:.4f}"),
        (len(record.epochs), f"{len(record.epochs)}"),
        (speed, f"{speed:,.0f}"),
        (record.seconds, formats.duration(record.seconds)),
    )
    return [Cell(text=text, value=value, is_number=True) for value, text in values]
