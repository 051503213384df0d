"""A report as JSON, and as SARIF 2.1.0 (OASIS), the form that CI services read."""

from typing import Any

from rexpand.advise.lint.explaining import explanation
from rexpand.advise.lint.linting import LintReport
from rexpand.advise.rules import LEVELS, Finding, Level, Rule
from rexpand.size import Size, as_typed

Document = dict[str, Any]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
    "sarif-schema-2.1.0.json"
)
_SARIF_LEVELS: dict[Level, str] = {
    "advice": "note",
    "warning": "warning",
    "error": "error",
}


def lint_document(report: LintReport) -> Document:
    """The network's counts, the rules that looked, and what they found."""
    subject = report.subject
    return {
        "network": subject.network,
        "resolution": as_typed(Size.of_image(subject.image).resolution),
        "params": subject.graph.total.params,
        "macs": subject.graph.total.macs,
        "rules": [rule.id for rule in report.looked],
        "counts": {level: report.count(level) for level in reversed(LEVELS)},
        "findings": [_finding(finding) for finding in report.findings],
    }


def sarif_document(report: LintReport, *, version: str, file: str = "") -> Document:
    """One run; `file` is where the network is written, relative, if it is in a file.

    Layers are logical locations: the network's name, then the layer's path.
    """
    driver = {
        "name": "rexpand",
        "semanticVersion": version,
        "rules": [_sarif_rule(rule) for rule in report.looked],
    }
    places = {rule.id: place for place, rule in enumerate(report.looked)}
    results = [
        _sarif_result(finding, places[finding.rule], report.subject.network, file)
        for finding in report.findings
    ]
    run = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "results": results,
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _finding(finding: Finding) -> Document:
    return {
        "rule": finding.rule,
        "name": finding.name,
        "level": finding.level,
        "layer": finding.layer,
        "message": finding.message,
        "evidence": _evidence(finding),
        "cost": finding.cost,
        "fix": finding.fix,
    }


def _evidence(finding: Finding) -> Document:
    return {
        fact.name: list(fact.value) if isinstance(fact.value, tuple) else fact.value
        for fact in finding.evidence
    }


def _sarif_rule(rule: Rule) -> Document:
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} Source: {rule.source}."},
        "help": {"text": explanation(rule), "markdown": explanation(rule)},
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.level]},
    }


def _sarif_result(finding: Finding, place: int, network: str, file: str) -> Document:
    location: Document = {
        "logicalLocations": [
            {
                "name": finding.layer.rpartition(".")[2],
                "fullyQualifiedName": f"{network}::{finding.layer}",
                "kind": "module",
            }
        ]
    }
    if file:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": file},
            "region": {"startLine": 1},
        }
    message = f"{finding.layer}: {finding.message}. Cost: {finding.cost}."
    return {
        "ruleId": finding.rule,
        "ruleIndex": place,
        "level": _SARIF_LEVELS[finding.level],
        "message": {"text": f"{message} Fix: {finding.fix}."},
        "locations": [location],
        "partialFingerprints": {
            "layer/v1": f"{finding.rule}:{network}:{finding.layer}"
        },
        "properties": {"evidence": _evidence(finding), "fix": finding.fix},
    }
