"""The page of a study."""

import shlex
from collections.abc import Mapping, Sequence

from rexpand.records import StudySummary
from rexpand.report import formats, markup
from rexpand.report.correlation_findings import correlations_section
from rexpand.report.coverage_section import coverage_section
from rexpand.report.document import document, provenance, recipe
from rexpand.report.figures import COVERAGE, SHAPES, Figure, study_figures
from rexpand.report.findings import (
    cautions,
    finding,
    finished_random_trials,
    finished_trials,
)
from rexpand.report.generations_section import generations_section
from rexpand.report.page_tables import groups_table, trials_table
from rexpand.report.proxies_section import proxies_section
from rexpand.report.pruning_section import pruning_section
from rexpand.report.ranking_section import ranking_section, shapes_section
from rexpand.report.spending_figures import PROXIES, SHORT_TRAINING


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
    shapes = numbered.pop(SHAPES, "")
    coverage = {name: numbered.pop(name) for name in COVERAGE if name in numbered}
    short = numbered.pop(SHORT_TRAINING, "")
    proxies = numbered.pop(PROXIES, "")
    body = [
        *(markup.paragraph(text, "caution") for text in cautions(summary)),
        markup.facts(_study_facts(summary)),
        markup.section("Channels", channels, "channels") if channels else "",
        groups_table(summary),
        _figures_section(numbered),
        shapes_section(summary, shapes),
        ranking_section(summary),
        pruning_section(summary, short),
        proxies_section(summary, proxies),
        coverage_section(summary, coverage),
        generations_section(summary),
        trials_table(summary),
        correlations_section(
            summary.correlations,
            len(finished_random_trials(summary)),
            "finished trial",
        ),
        recipe(summary.recipe),
        provenance(summary.provenances, _with_folder(summary)),
    ]
    return document(
        title=summary.name,
        kicker=f"Channel search · {summary.network} · {summary.data}",
        lead=finding(summary),
        body="".join(body),
        figures=drawn,
    )


def _study_facts(summary: StudySummary) -> list[tuple[str, str]]:
    finished = len(finished_trials(summary))
    pruned = sum(trial.state == "pruned" for trial in summary.trials)
    return [
        ("Trials finished", f"{finished:,} of {len(summary.trials):,}"),
        *([("Trials pruned", f"{pruned:,}")] if pruned else []),
        ("Seeds per trial", f"{summary.seeds}"),
        ("Sampler", summary.sampler),
        ("Budget", _budget(summary)),
        *_latency_facts(summary),
        ("Data", summary.data),
        ("Measured on", _judges(summary)),
        (
            "Training time",
            formats.duration(sum(trial.seconds for trial in summary.trials)),
        ),
    ]


def _budget(summary: StudySummary) -> str:
    return formats.budget(
        summary.budget_macs, summary.budget_params, summary.budget_latency_ms
    )


def _latency_facts(summary: StudySummary) -> list[tuple[str, str]]:
    """What the predicted latencies are of, where there are any."""
    source = summary.latency
    if source is None:
        return []
    where = (
        f"{source.runtime} on {source.cpu}, {formats.plural(source.threads, 'thread')}, "
        f"batch size {source.batch_size}; table {source.table}"
    )
    return [("Latency predicted for", where)]


def _figures_section(figures: Mapping[str, str]) -> str:
    if not figures:
        return ""
    body = f'<div class="figures">{"".join(figures.values())}</div>'
    return markup.section("Accuracy", body, "accuracy")


def _judges(summary: StudySummary) -> str:
    """The images that gave the accuracies, held out of the training set."""
    return f"{summary.recipe.validation:,} validation images"


def _with_folder(summary: StudySummary) -> list[str]:
    name = shlex.quote(summary.name)
    return [f"rexpand search resume {name}", f"rexpand search report {name}"]
