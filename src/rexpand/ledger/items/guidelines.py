"""ShuffleNetV2's guidelines, timed in the runtimes of this machine."""

from collections.abc import Mapping
from pathlib import Path

from rexpand.ledger.item import Item, Needs, Protocol, Step
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import LedgerVerdict, Row, judged
from rexpand.records import GuidelineFinding, GuidelineStudy, read_record

_WORDS: Mapping[str, LedgerVerdict] = {
    "holds": "holds",
    "does not hold": "does not hold",
    "undecided": "undecided",
    "depends on the width": "does not hold",
}


def _guidelines(root: Path) -> Reading:
    study = read_record(GuidelineStudy, root / "guidelines" / "guidelines.json")
    return Reading(
        rows=tuple(_guideline(each, study.rounds) for each in study.findings),
        provenances=(study.provenance,),
    )


def _guideline(found: GuidelineFinding, rounds: int) -> Row:
    return judged(
        f"guideline {found.guideline}, {found.runtime}: {found.variant} against "
        f"{found.against}",
        "slower at equal macs",
        _WORDS[found.verdict],
        found.sentence,
        count=rounds,
    )


ITEMS = (
    Item(
        name="shufflenetv2-guidelines",
        title="four guidelines for fast networks",
        source="arXiv 1807.11164, Section 2",
        protocols=(
            Protocol(
                name="this machine",
                says="the four experiments, in each runtime of this machine",
                read=_guidelines,
                needs=Needs(hours=0.05),
                steps=(
                    Step(
                        folder="guidelines",
                        arguments=("bench", "guidelines"),
                        result="guidelines.json",
                    ),
                ),
            ),
        ),
    ),
)
