"""The parts of docs/latency_paper.md that come from the record.

Each stands between a line `<!-- from the record: NAME -->` and a line `<!-- end -->`.
"""

import re
from collections.abc import Mapping, Sequence

from rexpand.latency.table5 import claim_findings
from rexpand.records import LatencyStudy
from rexpand.report.latency_accuracy_findings import (
    Table,
    by_claim,
    claim_sentence,
    claim_table,
    front_table,
    latency_table,
    steadiness_table,
)
from rexpand.report.latency_rows import settings

_PART = re.compile(
    r"(<!-- from the record: (?P<name>[^>]+) -->\n).*?(\n<!-- end -->)", re.DOTALL
)


def with_record(page: str, studies: Sequence[LatencyStudy]) -> str:
    """A page of Markdown with its parts written anew from the record.

    Raises KeyError for a part that there is not.
    """
    parts = _parts(studies)
    return _PART.sub(
        lambda found: f"{found[1]}\n{parts[found['name']]}\n{found[3]}", page
    )


def _parts(studies: Sequence[LatencyStudy]) -> Mapping[str, str]:
    found = claim_findings(studies)
    parts = {
        "claims": "\n".join(f"- {claim_sentence(each)}" for each in by_claim(found)),
        "steadiness": _markdown(steadiness_table(studies)),
    }
    for setting in settings(studies):
        if setting.batch_size != 1:
            continue
        threads = setting.threads
        parts[f"fronts, threads {threads}"] = _markdown(front_table(setting))
        parts[f"claims, threads {threads}"] = _markdown(claim_table(found, threads))
        parts[f"latencies, threads {threads}"] = _markdown(
            latency_table(studies, threads)
        )
    return parts


def _markdown(table: Table) -> str:
    header, rows = table
    lines = (header, ("---",) * len(header), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
