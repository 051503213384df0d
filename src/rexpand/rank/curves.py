"""Points as curves: rank ratios with their intervals, by structure and activation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from statistics import mean
from typing import NamedTuple

from rexpand.rank.published import READ_OFF_ERRORS
from rexpand.records import LayerPoint, PublishedPoint


class Estimate(NamedTuple):
    """A mean and the half width of its 95 % confidence interval."""

    mean: float
    half: float

    def exceeds(self, other: "Estimate") -> bool:
        """Whether the difference is more than the two intervals allow to chance."""
        return self.mean - other.mean > hypot(self.half, other.half)


@dataclass(frozen=True)
class Curves:
    """Rank ratios by structure, activation and dim_ratio, under one definition."""

    values: Mapping[tuple[str, str, float], Estimate]

    @property
    def structures(self) -> list[str]:
        """In the order of the points."""
        return list(dict.fromkeys(key[0] for key in self.values))

    def activations(self, structure: str, *, with_linear: bool = False) -> list[str]:
        """Those of a structure, in the order of the points."""
        found = dict.fromkeys(key[1] for key in self.values if key[0] == structure)
        return [name for name in found if with_linear or name != "linear"]

    def curve(self, structure: str, activation: str) -> dict[float, Estimate]:
        """By dim_ratio, the smallest first."""
        found = {
            key[2]: value
            for key, value in self.values.items()
            if key[:2] == (structure, activation)
        }
        return dict(sorted(found.items()))

    def gains(self, structure: str, activation: str) -> dict[float, Estimate]:
        """What an activation adds to the linear curve, where both have points."""
        linear = self.curve(structure, "linear")
        return {
            ratio: Estimate(
                value.mean - linear[ratio].mean, linear[ratio].half + value.half
            )
            for ratio, value in self.curve(structure, activation).items()
            if ratio in linear
        }


def own_curves(points: Sequence[LayerPoint]) -> Curves:
    """Under the definition that a study reports as its rank ratio."""
    return Curves(
        {
            (point.structure, point.activation, point.dim_ratio): Estimate(
                point.rank_ratio, point.ci_high - point.rank_ratio
            )
            for point in points
        }
    )


def other_curves(points: Sequence[LayerPoint], name: str) -> Curves:
    """Under another definition that the points carry."""
    return Curves(
        {
            (point.structure, point.activation, point.dim_ratio): Estimate(
                *point.definitions[name]
            )
            for point in points
        }
    )


def printed_curves(points: Sequence[PublishedPoint]) -> Curves:
    """The printed figure; its half widths are the errors of reading it off."""
    values = {
        (point.structure, point.activation, point.dim_ratio): Estimate(
            point.rank_ratio, READ_OFF_ERRORS[point.structure]
        )
        for point in points
    }
    # Linear is the diagonal in every panel; it was not read off where it is hidden.
    for structure, _, ratio in list(values):
        values.setdefault((structure, "linear", ratio), Estimate(ratio, 0.0))
    return Curves(values)


def average(estimates: Sequence[Estimate]) -> Estimate:
    """The mean of estimates; curves share networks, so their errors do not cancel."""
    return Estimate(
        mean(each.mean for each in estimates), mean(each.half for each in estimates)
    )
