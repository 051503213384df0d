"""The printed curves of Figure 1, and how far measured points lie from them.

`figure1.csv` holds rank ratios read off the four panels of Figure 1 of arXiv 2007.00992.
Curves that run into each other were read where they part.
"""

import csv
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from rexpand.records import LayerPoint, PanelDeviation, PublishedPoint

PANELS = {
    "conv1x1": "a",
    "conv3x3": "b",
    "inverted_bottleneck": "c",
    "inverted_bottleneck_dw": "d",
}
# How exactly each panel could be read.
READ_OFF_ERRORS = {
    "conv1x1": 0.005,
    "conv3x3": 0.005,
    "inverted_bottleneck": 0.015,
    "inverted_bottleneck_dw": 0.015,
}


@cache
def published_points() -> tuple[PublishedPoint, ...]:
    """Every point that was read off, panel by panel."""
    text = resources.files("rexpand.rank").joinpath("figure1.csv").read_text("utf-8")
    return tuple(
        PublishedPoint(
            structure=row["structure"],
            activation=row["activation"],
            dim_ratio=float(row["dim_ratio"]),
            rank_ratio=float(row["rank_ratio"]),
        )
        for row in csv.DictReader(text.splitlines())
    )


def deviations(points: Sequence[LayerPoint]) -> tuple[PanelDeviation, ...]:
    """The deviation of each structure that has printed points among the measured."""
    structures = dict.fromkeys(point.structure for point in points)
    found = (
        _deviation([point for point in points if point.structure == structure])
        for structure in structures
    )
    return tuple(each for each in found if each)


def _deviation(points: Iterable[LayerPoint]) -> PanelDeviation | None:
    printed = {
        (point.structure, point.activation, point.dim_ratio): point.rank_ratio
        for point in published_points()
    }
    pairs = [
        (point.rank_ratio - printed[key], point)
        for point in points
        if (key := (point.structure, point.activation, point.dim_ratio)) in printed
    ]
    if not pairs:
        return None
    differences = [difference for difference, _ in pairs]
    worst, where = max(pairs, key=lambda pair: abs(pair[0]))
    return PanelDeviation(
        structure=where.structure,
        points=len(pairs),
        mean_absolute=sum(map(abs, differences)) / len(pairs),
        mean_signed=sum(differences) / len(pairs),
        worst=abs(worst),
        worst_activation=where.activation,
        worst_dim_ratio=where.dim_ratio,
    )
