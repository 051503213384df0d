"""The page of a study: its head, and its sections in their order.

A section is one function in a file of its own. It is given the summary and the HTML of
every figure by name, and gives its HTML, which is empty where the study has nothing for
it. A new one is a line in `SECTIONS`, and its figures are a line in `FIGURES`.
"""

import shlex
from collections.abc import Callable, Mapping, Sequence

from rexpand.records import StudySummary
from rexpand.report import formats, markup
from rexpand.report.correlation_findings import correlations_section
from rexpand.report.coverage_section import coverage_section
from rexpand.report.document import document, provenance, recipe
from rexpand.report.failures_section import failed_trials, failures_section
from rexpand.report.figures import (
    ACCURACY,
    Figure,
    channels_figures,
    configuration_figures,
    cost_figures,
    coverage_figures,
    distribution_figures,
    latency_figures,
    nuclear_norm_figures,
    shape_figures,
)
from rexpand.report.findings import (
    cautions,
    finding,
    finished_random_trials,
    finished_trials,
)
from rexpand.report.front_section import front_figures, front_section
from rexpand.report.generations_section import generations_section
from rexpand.report.measured_section import measured_section
from rexpand.report.measures import words_of
from rexpand.report.page_tables import groups_table, trials_table
from rexpand.report.proxies_section import proxies_section
from rexpand.report.pruning_section import pruning_section
from rexpand.report.ranking_section import ranking_section, shapes_section
from rexpand.report.spending_figures import spending_figures

Figures = Mapping[str, str]
Section = Callable[[StudySummary, Figures], str]


def study_figures(summary: StudySummary) -> tuple[Figure, ...]:
    """The figures that the study has data for, in the order of the page."""
    return tuple(figure for drawn in FIGURES for figure in drawn(summary))


def study_page(summary: StudySummary, figures: Sequence[Figure] | None = None) -> str:
    """The report of a study as one HTML document.

    `figures` saves drawing those of `study_figures(summary)` again. Raises
    MissingExtraError without the `report` extra.
    """
    drawn = study_figures(summary) if figures is None else tuple(figures)
    numbered = {
        figure.name: markup.figure(n, figure) for n, figure in enumerate(drawn, start=1)
    }
    body = [
        *(markup.paragraph(text, "caution") for text in cautions(summary)),
        markup.facts(_study_facts(summary)),
        *(section(summary, numbered) for section in SECTIONS),
    ]
    return document(
        title=summary.name,
        kicker=f"Channel search · {summary.network} · {summary.data}",
        lead=finding(summary),
        body="".join(body),
        figures=drawn,
    )


def _channels(summary: StudySummary, figures: Figures) -> str:
    drawn = figures.get("mean_channels", "")
    return markup.section("Channels", drawn, "channels") if drawn else ""


def _accuracy(summary: StudySummary, figures: Figures) -> str:
    drawn = "".join(figures[name] for name in ACCURACY if name in figures)
    if not drawn:
        return ""
    body = f'<div class="figures">{drawn}</div>'
    title = words_of(summary.measure).title
    return markup.section(title, body, "accuracy")


def _correlations(summary: StudySummary, figures: Figures) -> str:
    finished = len(finished_random_trials(summary))
    word = words_of(summary.measure).word
    return correlations_section(summary.correlations, finished, "finished trial", word)


def _failures(summary: StudySummary, figures: Figures) -> str:
    return failures_section(summary)


def _recipe(summary: StudySummary, figures: Figures) -> str:
    return recipe(summary.recipe)


def _provenance(summary: StudySummary, figures: Figures) -> str:
    return provenance(summary.provenances, _with_folder(summary))


FIGURES: tuple[Callable[[StudySummary], tuple[Figure, ...]], ...] = (
    channels_figures,
    cost_figures,
    latency_figures,
    nuclear_norm_figures,
    distribution_figures,
    configuration_figures,
    front_figures,
    shape_figures,
    spending_figures,
    coverage_figures,
)
SECTIONS: tuple[Section, ...] = (
    _channels,
    groups_table,
    _accuracy,
    front_section,
    measured_section,
    shapes_section,
    ranking_section,
    pruning_section,
    proxies_section,
    coverage_section,
    generations_section,
    trials_table,
    _failures,
    _correlations,
    _recipe,
    _provenance,
)


def _study_facts(summary: StudySummary) -> list[tuple[str, str]]:
    finished = len(finished_trials(summary))
    pruned = sum(trial.state == "pruned" for trial in summary.trials)
    over = sum(not trial.is_feasible for trial in summary.trials)
    failed = len(failed_trials(summary))
    return [
        ("Trials finished", f"{finished:,} of {len(summary.trials):,}"),
        *([("Trials pruned", f"{pruned:,}")] if pruned else []),
        *([("Trials failed", f"{failed:,}")] if failed else []),
        *([("Above a measured bound", f"{over:,}")] if over else []),
        ("Seeds per trial", f"{summary.seeds}"),
        ("Sampler", summary.sampler),
        ("Budget", formats.budget(summary.bounds)),
        *_latency_facts(summary),
        ("Data", summary.data),
        *([("Detector", summary.detector)] if summary.detector else []),
        ("Measured on", _judges(summary)),
        (
            "Training time",
            formats.duration(sum(trial.seconds for trial in summary.trials)),
        ),
    ]


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


def _judges(summary: StudySummary) -> str:
    """The images that judge the trials, held out of the training set."""
    return f"{summary.recipe.validation:,} validation images"


def _with_folder(summary: StudySummary) -> list[str]:
    name = shlex.quote(summary.name)
    return [f"rexpand search resume {name}", f"rexpand search report {name}"]
