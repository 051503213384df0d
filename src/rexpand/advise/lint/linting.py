"""Rules put to a network: what they find, at which level."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from rexpand.advise.lint.settings import LintSettings
from rexpand.advise.rules import (
    LEVELS,
    RULES,
    Finding,
    Level,
    Observation,
    Rule,
    Subject,
)
from rexpand.errors import SpecError
from rexpand.shown import Shown

if TYPE_CHECKING:
    from torch.nn import Module

    from rexpand.spec import SpecLike

_GIVEN = {
    "data": "data to rank the layers on",
    "measure": "measure, to time the layers",
    "multiple_of": "multiple_of, above 1",
    "target": "target int8",
}


@dataclass(frozen=True, kw_only=True, repr=False)
class LintReport(Shown):
    """What was found in a network; `looked` are the rules that could look."""

    _view: ClassVar[str] = "rexpand.advise.lint.view:LINT_REPORT"

    subject: Subject
    findings: tuple[Finding, ...]
    looked: tuple[Rule, ...]

    def count(self, level: Level) -> int:
        """Findings of one level."""
        return sum(finding.level == level for finding in self.findings)

    def __repr__(self) -> str:
        counts = ", ".join(f"{self.count(level)} {level}" for level in LEVELS)
        return f"<LintReport {self.subject.network}: {counts}; {len(self.looked)} rules looked>"

    @property
    def by_rule(self) -> Counter[str]:
        """How many findings each rule has, by id."""
        return Counter(finding.rule for finding in self.findings)


def lint(
    network: "Subject | SpecLike | Module", settings: LintSettings | None = None
) -> LintReport:
    """What the chosen rules find, the gravest first, then by rule and forward order.

        for finding in lint("timm:mobilenetv2_100").findings:
            print(finding.rule, finding.layer, finding.message)

    The network is a name, a spec, any `nn.Module`, or a `Subject`, which was run and
    perhaps timed before.

    Raises SpecError for a rule that was chosen by name and has not what it needs.
    """
    settings = settings or LintSettings()
    subject = replace(
        network if isinstance(network, Subject) else _seen(network),
        multiple_of=settings.multiple_of,
        target=settings.target,
        thresholds=settings.thresholds,
    )
    looked = tuple(_looking(subject, settings))
    found = [
        finding for rule in looked for finding in _findings(subject, rule, settings)
    ]
    found.sort(key=lambda finding: (-LEVELS.index(finding.level), finding.rule))
    return LintReport(subject=subject, findings=tuple(found), looked=looked)


def _seen(network: "SpecLike | Module") -> Subject:
    from rexpand.advise.lint.seeing import see_any  # torch

    return see_any(network)


def has_what_it_needs(rule: Rule, subject: Subject) -> bool:
    """Whether what the rule looks at was measured or given."""
    match rule.needs:
        case None:
            return True
        case "data":
            return subject.ranks is not None
        case "measure":
            return bool(subject.rounds)
        case "multiple_of":
            return subject.multiple_of > 1
        case "target":
            return subject.target == "int8"


def _looking(subject: Subject, settings: LintSettings) -> Iterator[Rule]:
    chosen = {selector.rule.id for selector in settings.select}
    ignored = {each.rule.id for each in settings.ignore if each.layers == "*"}
    for rule in RULES:
        if (chosen and rule.id not in chosen) or rule.id in ignored:
            continue
        if has_what_it_needs(rule, subject):
            yield rule
        elif rule.id in chosen and rule.needs is not None:
            raise SpecError(
                f"rule {rule.id} ({rule.name}) has nothing to look at; give "
                f"{_GIVEN[rule.needs]}"
            )


def _findings(
    subject: Subject, rule: Rule, settings: LintSettings
) -> Iterator[Finding]:
    told = set()
    for seen in rule.check(subject):
        is_new = (seen.layer, seen.message) not in told  # a module may run twice
        told.add((seen.layer, seen.message))
        if is_new and settings.wants(rule, seen.layer):
            yield _finding(rule, seen, settings.level(rule) or seen.level or rule.level)


def _finding(rule: Rule, seen: Observation, level: Level) -> Finding:
    return Finding(
        rule=rule.id,
        name=rule.name,
        level=level,
        layer=seen.layer,
        message=seen.message,
        evidence=seen.evidence,
        cost=seen.cost,
        fix=seen.fix,
    )
