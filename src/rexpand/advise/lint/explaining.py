"""The text of each rule: its claim, source, evidence, thresholds and fix.

`rules/rules.md` holds the texts; the docs show the same file.
"""

import re
from functools import cache
from importlib.resources import files

from rexpand.advise.rules import Rule

_SECTION = re.compile(r"^\(rx\d+\)=\n## (?P<id>RX\d+) ", re.MULTILINE)


def explanation(rule: Rule) -> str:
    """The section of a rule as Markdown, without its heading."""
    return _sections()[rule.id]


@cache
def _sections() -> dict[str, str]:
    page = files("rexpand.advise.rules").joinpath("rules.md")
    text = page.read_text(encoding="utf-8")
    starts = [*_SECTION.finditer(text)]
    ends = [*(found.start() for found in starts[1:]), len(text)]
    return {
        found["id"]: text[found.end() : end].partition("\n")[2].strip()
        for found, end in zip(starts, ends, strict=True)
    }
