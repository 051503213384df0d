"""What `rexpand lint` prints for people: findings by rule, the most serious first."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from rexpand.cli.console import count
from rexpand.size import Size

if TYPE_CHECKING:
    from rexpand.advise.lint import LintReport
    from rexpand.advise.rules import Finding, Rule

_MOST = 6  # layers per rule that are printed


def lint_text(report: "LintReport") -> str:
    """A paragraph per rule, and a line of counts."""
    subject = report.subject
    cost = subject.graph.total
    title = (
        f"{subject.network} at {Size.of_image(subject.image).resolution} pixels: {count(cost.params)} params, "
        f"{count(cost.macs)} macs"
    )
    lines = [title, ""]
    groups = groupby(report.findings, key=lambda each: (each.level, each.rule))
    for _, group in groups:
        lines += [*_paragraph(list(group)), ""]
    return "\n".join([*lines, _counts(report), ""])


def _paragraph(findings: "Sequence[Finding]") -> Iterator[str]:
    first = findings[0]
    times = f", {len(findings)} layers" if len(findings) > 1 else ""
    yield f"{first.level} {first.rule} {first.name}{times}"
    for finding in findings[:_MOST]:
        yield f"  {finding.layer}: {finding.message}"
    if len(findings) > _MOST:
        yield f"  and {len(findings) - _MOST} more (--json has them all)"
    of = f"{first.layer}, " if len(findings) > 1 else ""
    yield f"  cost: {of}{first.cost}"
    yield f"  fix: {of}{first.fix}"


def _counts(report: "LintReport") -> str:
    from rexpand.advise.rules import LEVELS, RULES

    found = [_so_many(report.count(level), level) for level in reversed(LEVELS)]
    looked = f"{len(report.looked)} of {len(RULES)} rules applied"
    return f"{', '.join(found)}; {looked}; {_hint(report)}"


def _hint(report: "LintReport") -> str:
    rule = report.findings[0].rule if report.findings else "RX001"
    return f"`rexpand lint --explain {rule}` explains a rule"


def explained(rule: "Rule") -> str:
    """What a rule says, for people."""
    from rexpand.advise.lint import explanation

    return f"{rule.id} {rule.name} ({rule.level})\n\n{explanation(rule)}\n"


def explained_document(rule: "Rule") -> dict[str, str | None]:
    """What a rule says, for JSON."""
    from rexpand.advise.lint import explanation

    return {
        "rule": rule.id,
        "name": rule.name,
        "level": rule.level,
        "summary": rule.summary,
        "source": rule.source,
        "needs": rule.needs,
        "text": explanation(rule),
    }


def _so_many(number: int, level: str) -> str:
    return f"{number} {level}{'s' if number != 1 and level != 'advice' else ''}"
