"""What a table says, section by section, as Markdown: for its card and for pages of ours.

In a page each stands between a line `<!-- from the table: NAME -->` and a line
`<!-- end -->`.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rexpand.cost import cost_of
from rexpand.recipe import recipe_to_toml
from rexpand.records import SearchTable, ShapeVerdict, StudySummary, TableStudy
from rexpand.report import formats
from rexpand.report.correlation_findings import chance_level, counting_finding
from rexpand.report.findings import finding, line_finding
from rexpand.report.ranking_section import noise_findings, shapes_finding
from rexpand.report.reproduce import original_commands
from rexpand.report.table_findings import (
    gap_finding,
    growth_finding,
    scale_finding,
    verdict_finding,
)
from rexpand.report.tables import group_rows

_PART = re.compile(
    r"(<!-- from the table: (?P<name>[^>]+) -->)\n.*?(<!-- end -->)", re.DOTALL
)
_GROUPS = (
    *("study", "budget", "trials", "group", "accuracy (%)", "params", "macs"),
    *("best", "slope", "intercept", "R2"),
)


def table_sections(
    table: SearchTable,
    summaries: Sequence[StudySummary],
    verdicts: Sequence[ShapeVerdict],
) -> Mapping[str, str]:
    """The sections by name; `summaries` are those of the studies, in their order."""
    said = [_verdict(table, each) for each in verdicts]
    return MappingProxyType(
        {
            "scale": scale_finding(table),
            "verdict": "\n\n".join(said) or "Too few trials to compare shapes.",
            "studies": _studies(table, summaries),
            "lines": points(*(_line(each) for each in summaries)),
            "shapes": points(*(_shapes(each) for each in summaries)),
            "correlations": points(*(_correlations(each) for each in summaries)),
            "trust": points(*(_trust(each) for each in summaries)),
            "protocol": _protocols(table),
            "rebuild": _rebuild(table),
        }
    )


def with_table(page: str, sections: Mapping[str, str]) -> str:
    """A page of Markdown with its parts written anew from the table.

    Raises KeyError for a part that there is not.
    """
    return _PART.sub(
        lambda found: f"{found[1]}\n\n{sections[found['name']]}\n\n{found[3]}", page
    )


def rows_of(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = (header, ("---",) * len(header), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def points(*texts: str) -> str:
    """A list; the empty texts are left out."""
    return "\n".join(f"- {text}" for text in texts if text)


def _verdict(table: SearchTable, verdict: ShapeVerdict) -> str:
    gaps = (
        gap_finding(gap, verdict, table.study(gap.study)) for gap in verdict.studies
    )
    said = points(*gaps, growth_finding(verdict))
    return f"**{verdict_finding(verdict)}**\n\n{said}"


def _studies(table: SearchTable, summaries: Sequence[StudySummary]) -> str:
    rows = []
    for study, summary in zip(table.studies, summaries, strict=True):
        budget = formats.budget(study.bounds)
        begin = (study.name, budget, f"{len(summary.trials)}")
        for place, group in enumerate(group_rows(summary)):
            rows.append(
                (
                    *(("",) * len(begin) if place else begin),
                    *(group.group, group.accuracy, group.params, group.macs),
                    f"{group.best} ({group.best_accuracy})",
                    *(group.slope, group.intercept, group.r_squared),
                )
            )
    said = (
        "Groups are the best tenth, ranks 50 to 60 % and the worst tenth, mean ± standard "
        "deviation, as in Table 3 of arXiv 2007.00992; the line is fitted to the mean "
        "channels of a group, with blocks counted from 0."
    )
    return f"{rows_of(_GROUPS, rows)}\n\n{said}"


def _line(summary: StudySummary) -> str:
    lines = [line_finding(each) for each in summary.groups if each.band is not None]
    return " ".join([f"{summary.name}: {finding(summary)}", *lines])


def _shapes(summary: StudySummary) -> str:
    means = formats.listed(
        [
            f"{each.shape} {formats.interval(each.accuracy, 2)} %"
            for each in summary.shape_accuracies
        ]
    )
    found = shapes_finding(summary) if summary.shape_comparisons else ""
    return f"{summary.name}: mean accuracy with its interval of 95 %: {means}. {found}"


def _correlations(summary: StudySummary) -> str:
    trials, found = len(summary.trials), summary.correlations
    if not found:
        return ""
    listed = formats.listed(
        [f"{name.replace('_', ' ')} {value:+.2f}" for name, value in found.items()]
    )
    return (
        f"{summary.name}: Spearman's rank correlations with accuracy: {listed}. Of "
        "values that have nothing to do with it, one in twenty exceeds "
        f"±{chance_level(trials):.2f}. {counting_finding(found, trials)}"
    )


def _trust(summary: StudySummary) -> str:
    if summary.noise is None:
        return ""
    return f"{summary.name}: {' '.join(noise_findings(summary.noise))}"


def _protocols(table: SearchTable) -> str:
    """Each protocol once, with the studies that share it."""
    known: dict[str, list[str]] = {}
    for study in table.studies:
        known.setdefault(_protocol(study), []).append(study.name)
    return "\n\n".join(
        f"{formats.listed(names)}: {text}" for text, names in known.items()
    )


def _protocol(study: TableStudy) -> str:
    spec = study.spec
    cost = cost_of(spec)
    images = f"{study.train_subset:,}" if study.train_subset else "all other"
    judged = "" if study.evaluated_images is None else f"{study.evaluated_images:,} "
    counted = "" if spec.num_classes else " (counted without the classifier)"
    return (
        f"`{spec.name}`, with its own channels {formats.configuration(spec.channels)}, has "
        f"{formats.count(cost.params)} params and {formats.count(cost.macs)} macs for images "
        f"of {spec.resolution} pixels{counted}. Trained on {images} training images of "
        f"{study.data}, judged by {judged}others that were held out. The configurations "
        f"were drawn with seed {study.sampling_seed}. The recipe:\n\n"
        f"```toml\n{recipe_to_toml(study.recipe).strip()}\n```"
    )


def _rebuild(table: SearchTable) -> str:
    provenances = [each for study in table.studies for each in study.provenances]
    if not provenances:
        return "The commands were not recorded."
    hours = sum(row.seconds for row in table.rows) / 3600
    machines = {each.machine.cpu for each in provenances}
    threads = {each.threads for each in provenances}
    commits = {each.commit[:7] for each in provenances if each.commit}
    torch = {each.versions.get("torch", "unknown") for each in provenances}
    took = (
        f"The trainings took {hours:.1f} hours in all, on {_any(machines)} with "
        f"{_any(threads)} thread each, torch {_any(torch)}, commit {_any(commits)}."
    )
    commands = "\n".join(original_commands(provenances))
    return f"{took}\n\n```bash\n{commands}\n```"


def _any(found: set[str] | set[int | None]) -> str:
    return formats.listed(sorted(map(str, found)))
