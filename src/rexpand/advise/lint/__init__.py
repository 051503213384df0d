"""Lint a network: see it run once, put rules to it, write down what they find.

`rexpand.advise.lint.seeing` needs torch; the rest does not.
"""

from rexpand.advise.lint.documents import lint_document, sarif_document
from rexpand.advise.lint.explaining import explanation
from rexpand.advise.lint.linting import LintReport, lint
from rexpand.advise.lint.settings import (
    LintSettings,
    Selector,
    find_rule,
    read_settings,
    selectors,
)

__all__ = [
    "LintReport",
    "LintSettings",
    "Selector",
    "explanation",
    "find_rule",
    "lint",
    "lint_document",
    "read_settings",
    "sarif_document",
    "selectors",
]
