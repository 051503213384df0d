"""The budget as a price: the nearest configuration when macs and params are paid for.

With a price on every bound the search for channels is a shortest path over blocks and
widths. Whatever the price, the path's length less the price of the budget is a lower
bound on the distance of every configuration within the budget; the best prices make it
tight, and on the way paths are met that lie within the budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Floats
from rexpand.budget.pair_costs import PairCosts

Path = tuple[int, ...]  # the index of a candidate, one a block

_DOUBLINGS = 60
_BISECTIONS = 30
_TURNS = 3  # of bisecting each price in turn, where there are two bounds


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Candidate widths of each block, how far each is off, and what pairs cost.

    `distances` are squared distances from the target; `allowed` says which width may
    follow which.
    """

    distances: tuple[Floats, ...]
    allowed: tuple[NDArray[np.bool_], ...]
    costs: PairCosts

    def priced(self, prices: Floats) -> "Priced":
        """The shortest way from every width to the end under some prices."""
        rest = [np.tensordot(prices, self.costs.ends, 1)]
        steps = []
        for index in range(len(self.distances) - 1, 0, -1):
            lengths = np.tensordot(prices, self.costs.tables[index], 1)
            lengths = lengths + self.distances[index] + rest[-1]
            lengths = np.where(self.allowed[index], lengths, np.inf)
            steps.append(lengths.argmin(axis=1))
            rest.append(lengths.min(axis=1))
        first = np.tensordot(prices, self.costs.tables[0], 1)[0] + self.distances[0]
        total = first + rest[-1]
        path = [int(total.argmin())]
        for step in reversed(steps):
            path.append(int(step[path[-1]]))
        return Priced(
            prices=prices,
            bound=float(total.min() - prices @ self.costs.limits),
            path=tuple(path),
            rest=tuple(reversed(rest)),
        )

    def cost(self, path: Path) -> Floats:
        """What a path costs, one number a bound."""
        total = self.costs.ends[:, path[-1]].copy()
        before = 0
        for table, index in zip(self.costs.tables, path, strict=True):
            total += table[:, before, index]
            before = index
        return np.asarray(total)

    def distance(self, path: Path) -> float:
        """Squared distance of a path from the target."""
        pairs = zip(self.distances, path, strict=True)
        return float(sum(column[index] for column, index in pairs))


@dataclass(frozen=True, kw_only=True)
class Priced:
    """A shortest path under prices; `bound` holds for all within the budget.

    `rest` is the length of the shortest way from each width of each block to the end,
    that width's own distance and its costs left out.
    """

    prices: Floats
    bound: float
    path: Path
    rest: tuple[Floats, ...]


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The prices with the highest bound, and the nearest path within the budget met."""

    priced: Priced
    path: Path | None


def relaxed_path(lattice: Lattice) -> Relaxed:
    """Bisect the prices of the bounds, each in turn, from nothing upwards."""
    search = _Search(lattice)
    limits = lattice.costs.limits
    prices = np.zeros(len(limits))
    if search.visit(prices) or len(prices) == 0:
        return search.result()
    for _ in range(_TURNS if len(prices) > 1 else 1):
        for bound in range(len(prices)):
            prices = search.bisected(prices, bound)
    return search.result()


class _Search:
    def __init__(self, lattice: Lattice) -> None:
        self._lattice = lattice
        self._best: Priced | None = None
        self._path: Path | None = None
        self._excess = np.zeros(len(lattice.costs.limits))

    def visit(self, prices: Floats) -> bool:
        """Solve under prices; whether the path lies within the budget."""
        priced = self._lattice.priced(prices)
        self._excess = self._lattice.cost(priced.path) - self._lattice.costs.limits
        if self._best is None or priced.bound > self._best.bound:
            self._best = priced
        within = bool((self._excess <= 0).all())
        if within:
            distance = self._lattice.distance(priced.path)
            if self._path is None or distance < self._lattice.distance(self._path):
                self._path = priced.path
        return within

    def bisected(self, prices: Floats, bound: int) -> Floats:
        """The price of one bound at which its excess changes sign, the others kept."""
        low, high = 0.0, 1.0 / self._lattice.costs.limits[bound]
        for _ in range(_DOUBLINGS):
            self.visit(_with(prices, bound, high))
            if self._excess[bound] <= 0:
                break
            low, high = high, 4 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            self.visit(_with(prices, bound, middle))
            low, high = (low, middle) if self._excess[bound] <= 0 else (middle, high)
        return _with(prices, bound, high)

    def result(self) -> Relaxed:
        assert self._best is not None
        return Relaxed(priced=self._best, path=self._path)


def _with(prices: Floats, bound: int, price: float) -> Floats:
    changed = prices.copy()
    changed[bound] = price
    return changed


def lattice(
    candidates: Sequence[Floats],
    target: Floats,
    costs: PairCosts,
    non_decreasing: bool,
) -> Lattice:
    """The lattice of candidate widths around a target."""
    columns = [np.asarray(column, dtype=np.float64) for column in candidates]
    allowed = [np.ones((1, len(columns[0])), dtype=bool)]
    for before, own in pairwise(columns):
        free = np.ones((len(before), len(own)), dtype=bool)
        allowed.append(before[:, None] <= own[None, :] if non_decreasing else free)
    return Lattice(
        distances=tuple(
            (column - width) ** 2 for column, width in zip(columns, target, strict=True)
        ),
        allowed=tuple(allowed),
        costs=costs,
    )
