"""Two networks that differ in one thing, trained alike for the same seeds on digits.

The commands are plain trainings of rexpand. A network has one folder, whatever items
compare it, so that it is trained once.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from rexpand.ledger.item import Item, Needs, Protocol, Step
from rexpand.ledger.items.telling import PAIR, POINT, told
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, signed
from rexpand.records import Record, merged, read_record
from rexpand.search.intervals import interval
from rexpand.search.power import seeds_needed, told_apart

_SEEDS = 6
_EPOCHS = 10
_EXPECTED_SPREAD = 1.0  # points, before anything was trained
_HOURS = 0.006  # of a training, a forecast: 20 s


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


def contrasting(
    name: str,
    title: str,
    source: str,
    contrasts: tuple[Contrast, ...],
    *,
    says: str,
    hours: float = _HOURS,
) -> Item:
    """An item of contrasts; `says` is what its networks are, `hours` of a training."""
    networks = tuple(
        dict.fromkeys(each for pair in contrasts for each in pair.networks)
    )

    def read(root: Path) -> Reading:
        found = {network: _records(root, network) for network in networks}
        return Reading(
            rows=tuple(_row(each, found) for each in contrasts),
            provenances=merged(
                record.provenance for records in found.values() for record in records
            ),
        )

    return Item(
        name=name,
        title=title,
        source=source,
        protocols=(
            Protocol(
                name="digits",
                says=f"8-pixel digits for {_EPOCHS} epochs where the source has ImageNet, "
                f"{says}; {_SEEDS} seeds, which with a power of 80 % find "
                f"{told_apart(_EXPECTED_SPREAD, PAIR, _SEEDS):.1f} points if trainings "
                "differ by one, where one point takes "
                f"{seeds_needed(POINT, _EXPECTED_SPREAD, PAIR)} seeds",
                needs=Needs(hours=round(hours * _SEEDS * len(networks), 2)),
                steps=tuple(map(_training, networks)),
                read=read,
            ),
        ),
    )


def _training(network: str) -> Step:
    return Step(
        folder=_folder(network),
        arguments=(
            *("train", network, "--data", "digits", "--device", "cpu"),
            # Nothing is chosen by the test images: they judge, and none is held out.
            *("--epochs", f"{_EPOCHS}", "--set", "validation=0"),
            *("--seeds", f"{_SEEDS}"),
        ),
        result=f"seed-{_SEEDS - 1}/record.json",
    )


def _folder(network: str) -> str:
    """A folder with the name of the network, in letters that every system takes."""
    return f"contrasts/{re.sub('[^a-z0-9_.]+', '-', network)}"


def _records(root: Path, network: str) -> tuple[Record, ...]:
    return tuple(
        read_record(Record, root / _folder(network) / f"seed-{seed}" / "record.json")
        for seed in range(_SEEDS)
    )


def _row(contrast: Contrast, found: dict[str, tuple[Record, ...]]) -> Row:
    better, worse = (found[network] for network in contrast.networks)
    sides = [[each.accuracy for each in side] for side in (better, worse)]
    gain = interval([ours - theirs for ours, theirs in zip(*sides, strict=True)])
    assert gain is not None  # there are some seeds
    means = " and ".join(f"{mean(side):.2f} %" for side in sides)
    macs = f"{better[0].macs:,} and {worse[0].macs:,} macs"
    return signed(
        contrast.name,
        contrast.printed,
        gain,
        "points",
        note="; ".join(filter(None, (means, macs, told(sides)))),
    )


_SHUFFLENET = "shufflenetv1_g{}_025:input=cifar,depth_mult=0.5"
_ONE_GROUP = "shufflenetv1_g1_025:input=cifar,width_mult=0.27,depth_mult=0.5"
_SEARCH = "search_18:width_mult=0.5,activation.expand={}"
_CONDENSENET = "condensenet_74_g4:input=cifar,width_mult=0.5,depth_mult=0.5"

ITEMS = (
    contrasting(
        "linear-bottleneck",
        "no nonlinearity after the projection",
        "arXiv 1801.04381, Section 6 and Figure 6 (a)",
        (
            Contrast(
                name="linear over ReLU6 after the projection",
                better=_SEARCH.format("relu6"),
                worse=f"{_SEARCH.format('relu6')},activation.project=relu6",
                printed="more accurate",
            ),
        ),
        says="five bottlenecks of the paper's 18-layer search at half their width, where "
        "the source has MobileNetV2",
    ),
    contrasting(
        "shuffle",
        "channel shuffle between groups",
        "arXiv 1707.01083, Section 4.1.2 and Table 3",
        tuple(
            Contrast(
                name=f"shuffle over none, {groups} groups at x0.25",
                better=_SHUFFLENET.format(groups),
                worse=f"{_SHUFFLENET.format(groups)},shuffle=false",
                printed=f"+{gain}",
            )
            for groups, gain in ((3, "1.3"), (8, "3.8"))
        ),
        says="x0.25 with half of the units",
    ),
    contrasting(
        "groups",
        "groups at equal cost",
        "arXiv 1707.01083, Table 2",
        tuple(
            Contrast(
                name=f"{groups} groups over 1, at x0.25",
                better=_SHUFFLENET.format(groups),
                worse=_ONE_GROUP,
                printed=f"+{gain}",
            )
            for groups, gain in ((2, 0.3), (3, 2.1), (4, 2.9), (8, 4.4))
        ),
        says="x0.25 with half of the units, and one group at x0.27, which has more "
        "macs than any other",
    ),
    contrasting(
        "condensation",
        "groups that choose their inputs against groups that do not",
        "arXiv 1711.09224, Sections 1 and 3.1",
        (
            Contrast(
                name="learned groups over groups in order, 4 groups",
                better=_CONDENSENET,
                worse=f"{_CONDENSENET},learned_groups=false",
                printed="more accurate",
            ),
        ),
        says="half of the growth and of the layers, and no penalty on groups",
    ),
    contrasting(
        "nonlinearity",
        "the nonlinearity after the first 1x1, trained",
        "arXiv 2007.00992, Table A2",
        tuple(
            Contrast(
                name=f"{activation} over relu6",
                better=_SEARCH.format(activation),
                worse=_SEARCH.format("relu6"),
                printed=gain,
            )
            for activation, gain in (
                ("leaky_relu", "+0.1"),
                ("softplus", "+0.3"),
                ("elu", "+0.3"),
                ("silu", "+0.6"),
            )
        ),
        says="the network of the paper's 18-layer search at half its width, where the "
        "paper has ReXNet x1.0",
    ),
)
