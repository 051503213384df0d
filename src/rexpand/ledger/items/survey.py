"""What the compact networks that the paper compares claim of themselves.

A contrast trains two networks that differ in one thing, with the same seeds, and looks
at the difference seed by seed. The commands are plain trainings of rexpand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rexpand.ledger.item import Item, Needs, Protocol, Step
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import LedgerVerdict, Row, judged, signed
from rexpand.records import (
    GuidelineFinding,
    GuidelineStudy,
    Record,
    merged,
    read_record,
)
from rexpand.search.intervals import interval

_SEEDS = 10
_HOURS = 0.005  # of a training: a forecast


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """That `better` is more accurate than `worse`, networks of the command line."""

    name: str
    better: str
    worse: str
    printed: str

    @property
    def networks(self) -> tuple[str, str]:
        return self.better, self.worse


def _contrasts(
    name: str, title: str, source: str, contrasts: tuple[Contrast, ...]
) -> Item:
    """An item of contrasts, each network of which is trained once for all of them."""
    networks = dict.fromkeys(each for pair in contrasts for each in pair.networks)
    places = {each: f"{name}-digits/{place}" for place, each in enumerate(networks)}

    def read(root: Path) -> Reading:
        found = {network: _records(root / place) for network, place in places.items()}
        return Reading(
            rows=tuple(_row(each, found) for each in contrasts),
            provenances=merged(
                record.provenance for records in found.values() for record in records
            ),
        )

    digits = Protocol(
        name="digits",
        says=f"8-pixel digits, {_SEEDS} seeds, where the source trained on ImageNet",
        needs=Needs(hours=_HOURS * _SEEDS * len(places)),
        steps=tuple(
            Step(
                folder=place,
                arguments=(
                    *("train", network, "--data", "digits"),
                    *("--seeds", f"{_SEEDS}"),
                ),
                result=f"seed-{_SEEDS - 1}/record.json",
            )
            for network, place in places.items()
        ),
        read=read,
    )
    return Item(name=name, title=title, source=source, protocols=(digits,))


def _row(contrast: Contrast, found: dict[str, tuple[Record, ...]]) -> Row:
    pairs = zip(found[contrast.better], found[contrast.worse], strict=True)
    gain = interval([better.accuracy - worse.accuracy for better, worse in pairs])
    assert gain is not None  # there are ten seeds
    return signed(contrast.name, contrast.printed, gain, "points")


def _records(folder: Path) -> tuple[Record, ...]:
    return tuple(
        read_record(Record, folder / f"seed-{seed}" / "record.json")
        for seed in range(_SEEDS)
    )


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


_ACTIVATIONS = (
    ("leaky_relu", "+0.1"),
    ("softplus", "+0.3"),
    ("elu", "+0.3"),
    ("silu", "+0.6"),
)

ITEMS = (
    _contrasts(
        "linear-bottleneck",
        "no nonlinearity after the projection",
        "arXiv 1801.04381, Section 6 and Figure 6 (a)",
        (
            Contrast(
                name="linear over ReLU6 after the projection",
                better="mobilenetv2_035",
                worse="mobilenetv2_035:activation.project=relu6",
                printed="more accurate",
            ),
        ),
    ),
    _contrasts(
        "shuffle",
        "channel shuffle between groups",
        "arXiv 1707.01083, Section 4.1.2 and Table 3",
        tuple(
            Contrast(
                name=f"shuffle over none, {groups} groups at x{width}",
                better=f"shufflenetv1_g{groups}_{code}",
                worse=f"shufflenetv1_g{groups}_{code}:shuffle=false",
                printed=f"+{gain}",
            )
            for groups, width, code, gain in (
                (3, "0.25", "025", "1.3"),
                (8, "0.25", "025", "3.8"),
            )
        ),
    ),
    _contrasts(
        "groups",
        "groups at equal cost",
        "arXiv 1707.01083, Table 2",
        tuple(
            Contrast(
                name=f"{groups} groups over 1, at x0.25 (13M macs)",
                better=f"shufflenetv1_g{groups}_025",
                worse="shufflenetv1_g1_025",
                printed=f"+{gain}",
            )
            for groups, gain in ((2, 0.3), (3, 2.1), (4, 2.9), (8, 4.4))
        ),
    ),
    _contrasts(
        "nonlinearity",
        "the nonlinearity after the first 1x1, trained",
        "arXiv 2007.00992, Table A2",
        tuple(
            Contrast(
                name=f"{activation} over relu6",
                better=f"rexnet_100:width_mult=0.35,activation.expand={activation}",
                worse="rexnet_100:width_mult=0.35,activation.expand=relu6",
                printed=gain,
            )
            for activation, gain in _ACTIVATIONS
        ),
    ),
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
