"""The pages of a study and of a training run."""

import shlex
from collections.abc import Mapping, Sequence
from html import escape

from rexpand.records import Record, StudySummary
from rexpand.report import formats, markup
from rexpand.report.correlation_findings import counting_finding
from rexpand.report.document import document, provenance, recipe
from rexpand.report.figures import Figure, study_figures, training_figures
from rexpand.report.findings import (
    cautions,
    finding,
    finished_trials,
    training_cautions,
)
from rexpand.report.page_tables import groups_table, trials_table


def study_page(summary: StudySummary, figures: Sequence[Figure] | None = None) -> str:
    """The report of a study as one HTML document.

    `figures` saves drawing those of `study_figures(summary)` again. Raises
    MissingExtraError without the `report` extra.
    """
    drawn = study_figures(summary) if figures is None else tuple(figures)
    numbered = {
        figure.name: markup.figure(n, figure) for n, figure in enumerate(drawn, start=1)
    }
    channels = numbered.pop("mean_channels", "")
    body = [
        *(markup.paragraph(text, "caution") for text in cautions(summary)),
        markup.facts(_study_facts(summary)),
        markup.section("Channels", channels, "channels") if channels else "",
        groups_table(summary),
        _figures_section(numbered),
        trials_table(summary),
        _correlations(summary),
        recipe(summary.recipe),
        provenance(summary.provenances),
        _reproduce(summary),
    ]
    return document(
        title=summary.name,
        kicker=f"Channel search · {summary.network} · {summary.data}",
        lead=finding(summary),
        body="".join(body),
        figures=drawn,
    )


def training_page(record: Record, figures: Sequence[Figure] | None = None) -> str:
    """The report of one training run as one HTML document, as `study_page`."""
    drawn = training_figures(record) if figures is None else tuple(figures)
    name = record.spec.name
    curves = "".join(
        markup.figure(n, figure) for n, figure in enumerate(drawn, start=1)
    )
    body = [
        *(markup.paragraph(text, "caution") for text in training_cautions(record)),
        markup.facts(_training_facts(record)),
        markup.section("Course", f'<div class="figures">{curves}</div>', "course"),
        recipe(record.recipe),
        provenance((record.provenance,)),
    ]
    return document(
        title=name,
        kicker=f"Training run · {record.data}",
        lead=_training_lead(record, name),
        body="".join(body),
        figures=drawn,
    )


def _study_facts(summary: StudySummary) -> list[tuple[str, str]]:
    finished = len(finished_trials(summary))
    pruned = sum(trial.state == "pruned" for trial in summary.trials)
    return [
        ("Trials finished", f"{finished:,} of {len(summary.trials):,}"),
        *([("Trials pruned", f"{pruned:,}")] if pruned else []),
        ("Seeds a trial", f"{summary.seeds}"),
        ("Budget", formats.budget(summary.budget_macs, summary.budget_params)),
        ("Data", summary.data),
        (
            "Training time",
            formats.duration(sum(trial.seconds for trial in summary.trials)),
        ),
    ]


def _training_facts(record: Record) -> list[tuple[str, str]]:
    norm = record.nuclear_norm
    return [
        ("Accuracy", f"{formats.percent(record.accuracy)} %"),
        ("Params", formats.count(record.params)),
        ("Macs", formats.count(record.macs)),
        ("Epochs", f"{len(record.epochs)}"),
        ("Seed", f"{record.seed}"),
        ("Time", formats.duration(record.seconds)),
        ("Peak memory", f"{record.peak_memory_mb:,.0f} MB"),
        *([("Nuclear norm", f"{norm:.1f}")] if norm is not None else []),
    ]


def _training_lead(record: Record, name: str) -> str:
    epochs = formats.plural(len(record.epochs), "epoch")
    early = ", stopped early" if record.stopped_early else ""
    return (
        f"{name} reaches {formats.percent(record.accuracy)} % on {record.images:,} "
        f"images of {record.evaluated_on} after {epochs}{early}. This is one run with "
        f"one seed, {record.seed}."
    )


def _figures_section(figures: Mapping[str, str]) -> str:
    if not figures:
        return ""
    body = f'<div class="figures">{"".join(figures.values())}</div>'
    return markup.section("Accuracy", body, "accuracy")


def _correlations(summary: StudySummary) -> str:
    if not summary.correlations:
        return ""
    values = {
        name.replace("_", " "): f"{value:+.2f}"
        for name, value in summary.correlations.items()
    }
    title = "Rank correlation with accuracy"
    body = markup.definitions(values) + markup.paragraph(
        "Spearman's, over the finished trials: -1 to +1, 0 for none.", "note"
    )
    if found := counting_finding(summary.correlations, len(finished_trials(summary))):
        body += markup.paragraph(found)
    return markup.section(title, body, "correlations")


def _reproduce(summary: StudySummary) -> str:
    pins = [
        f"{name}=={version}"
        for each in summary.provenances[:1]
        for name, version in each.versions.items()
        if name != "python"
    ]
    name = shlex.quote(summary.name)
    lines = [
        f"pip install {shlex.join(pins)}" if pins else "",
        f"rexpand search resume {name}   # run what is left of this study",
        f"rexpand search report {name}   # write this page again",
    ]
    commands = escape("\n".join(line for line in lines if line))
    body = (
        "<p>The study folder holds the settings and every seed. With the versions "
        f"above and that folder:</p><pre><code>{commands}</code></pre>"
    )
    return markup.section("How to reproduce", body, "reproduce")
