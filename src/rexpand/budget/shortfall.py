"""What a sample lacks: shapes without their share, and bounds that a shape under-uses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rexpand.budget.bounds import Budget, Floats
from rexpand.budget.shapes import SHAPES


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A shape of which only `drawn` configurations were found where `share` are its due."""

    shape: str
    share: int
    drawn: int

    def __str__(self) -> str:
        return f"only {self.drawn:,} of {self.share:,} {self.shape} configurations were found"


@dataclass(frozen=True, kw_only=True)
class UnderUse:
    """A shape that cannot fill both macs and params within the slack.

    Of its `drawn` configurations `under` use less of `bound` (macs or params), from the
    share `least` to `most` of it.
    """

    shape: str
    bound: str
    drawn: int
    under: int
    least: float
    most: float

    def __str__(self) -> str:
        return (
            f"{self.under:,} of {self.drawn:,} {self.shape} configurations use "
            f"{100 * self.least:.0f} to {100 * self.most:.0f} % of the {self.bound}"
        )


Shortfall = Missing | UnderUse


def explained(found: Sequence[Shortfall]) -> str:
    """The shortfalls of a sample as one sentence."""
    return f"not all shapes fill the budget alike: {'; '.join(map(str, found))}"


def shortfalls(
    budget: Budget, shares: Floats, shapes: Sequence[str], least_share: float
) -> tuple[Shortfall, ...]:
    """Of a sample whose costs have these `shares` of the bounds, (bounds, any)."""
    return (*_missing(shapes), *_under(budget, shares, shapes, least_share))


def _missing(shapes: Sequence[str]) -> Iterator[Missing]:
    """Shapes that have fewer than a fifth; one by chance of division is no shortfall."""
    share = len(shapes) // len(SHAPES)
    for shape in SHAPES:
        drawn = shapes.count(shape)
        if drawn < share:
            yield Missing(shape=shape, share=share, drawn=drawn)


def _under(
    budget: Budget, shares: Floats, shapes: Sequence[str], least_share: float
) -> Iterator[UnderUse]:
    if len(budget.counts) < 2:
        return
    names = np.array(shapes)
    for shape in SHAPES:
        own = names == shape
        for bound, share in zip(budget.counts, shares, strict=False):
            under = share[own & (share < least_share)]
            if len(under):
                yield UnderUse(
                    shape=shape,
                    bound=bound,
                    drawn=int(own.sum()),
                    under=len(under),
                    least=float(under.min()),
                    most=float(under.max()),
                )
