"""The bounds of a budget in the objective, each with a Lagrange multiplier.

With squared distance plus multipliers times costs as its length, the search for
channels is a shortest path over blocks and widths. For any multipliers, that length
less multipliers times bounds is a lower bound on the distance of every configuration
within the budget (weak duality). The best multipliers make it tight, and the search for
them also finds paths within the budget.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rexpand.budget.bounds import Floats
from rexpand.budget.order import may_follow
from rexpand.budget.pair_costs import PairCosts
from rexpand.spec import NetworkSpec

Path = tuple[int, ...]  # the index of a candidate, one per block

_DOUBLINGS = 60
_BISECTIONS = 30
_TURNS = 3  # rounds over the multipliers, where there are two bounds


@dataclass(frozen=True, kw_only=True)
class Lattice:
    """Candidate widths of each block, their distances, and the costs of pairs.

    `distances` are squared distances from the target; `allowed` says which width may
    follow which.
    """

    distances: tuple[Floats, ...]
    allowed: tuple[NDArray[np.bool_], ...]
    costs: PairCosts

    def shortest(self, multipliers: Floats) -> "Shortest":
        """The shortest way from every width to the end under some multipliers."""
        rest = [np.tensordot(multipliers, self.costs.ends, 1)]
        steps = []
        for index in range(len(self.distances) - 1, 0, -1):
            lengths = np.tensordot(multipliers, self.costs.tables[index], 1)
            lengths = lengths + self.distances[index] + rest[-1]
            lengths = np.where(self.allowed[index], lengths, np.inf)
            steps.append(lengths.argmin(axis=1))
            rest.append(lengths.min(axis=1))
        first = np.tensordot(multipliers, self.costs.tables[0], 1)[0]
        total = first + self.distances[0] + rest[-1]
        total = np.where(self.allowed[0][0], total, np.inf)
        path = [int(total.argmin())]
        for step in reversed(steps):
            path.append(int(step[path[-1]]))
        return Shortest(
            multipliers=multipliers,
            bound=float(total.min() - multipliers @ self.costs.limits),
            path=tuple(path),
            rest=tuple(reversed(rest)),
        )

    def cost(self, path: Path) -> Floats:
        """The cost of a path, one number per bound."""
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
class Shortest:
    """A shortest path under multipliers; `bound` holds for all within the budget.

    `rest` is the length of the shortest way from each width of each block to the end,
    without that width's own distance and cost.
    """

    multipliers: Floats
    bound: float
    path: Path
    rest: tuple[Floats, ...]


@dataclass(frozen=True, kw_only=True)
class Relaxed:
    """The multipliers with the highest bound, and the nearest path that fits."""

    shortest: Shortest
    path: Path | None


def relaxed_path(lattice: Lattice) -> Relaxed:
    """Bisect the multipliers of the bounds, each in turn, from 0 upwards."""
    search = _Search(lattice)
    limits = lattice.costs.limits
    multipliers = np.zeros(len(limits))
    if search.visit(multipliers):
        return search.result()
    for _ in range(_TURNS if len(multipliers) > 1 else 1):
        for bound in range(len(multipliers)):
            multipliers = search.bisected(multipliers, bound)
    return search.result()


class _Search:
    def __init__(self, lattice: Lattice) -> None:
        self._lattice = lattice
        self._best: Shortest | None = None
        self._path: Path | None = None
        self._excess = np.zeros(len(lattice.costs.limits))

    def visit(self, multipliers: Floats) -> bool:
        """Solve under multipliers; returns whether the path is within the budget."""
        shortest = self._lattice.shortest(multipliers)
        self._excess = self._lattice.cost(shortest.path) - self._lattice.costs.limits
        if np.isinf(shortest.bound):  # there is no path, at any cost
            self._best = self._best or shortest
            return False
        if self._best is None or shortest.bound > self._best.bound:
            self._best = shortest
        within = bool((self._excess <= 0).all())
        if within:
            distance = self._lattice.distance(shortest.path)
            if self._path is None or distance < self._lattice.distance(self._path):
                self._path = shortest.path
        return within

    def bisected(self, multipliers: Floats, bound: int) -> Floats:
        """The multipliers, with one bound's where its excess changes sign."""
        low, high = 0.0, 1.0 / self._lattice.costs.limits[bound]
        for _ in range(_DOUBLINGS):
            self.visit(_with(multipliers, bound, high))
            if self._excess[bound] <= 0:
                break
            low, high = high, 4 * high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            self.visit(_with(multipliers, bound, middle))
            low, high = (low, middle) if self._excess[bound] <= 0 else (middle, high)
        return _with(multipliers, bound, high)

    def result(self) -> Relaxed:
        assert self._best is not None
        return Relaxed(shortest=self._best, path=self._path)


def _with(multipliers: Floats, bound: int, multiplier: float) -> Floats:
    changed = multipliers.copy()
    changed[bound] = multiplier
    return changed


def lattice(
    spec: NetworkSpec, candidates: Sequence[Floats], target: Floats, costs: PairCosts
) -> Lattice:
    """The lattice of candidate widths around a target."""
    columns = [np.asarray(column, dtype=np.float64) for column in candidates]
    stem = np.array([float(spec.stem.out_channels)])
    pairs = pairwise([stem, *columns])
    return Lattice(
        distances=tuple(
            (column - width) ** 2 for column, width in zip(columns, target, strict=True)
        ),
        allowed=tuple(
            may_follow(spec, before[:, None], own[None, :], index)
            for index, (before, own) in enumerate(pairs)
        ),
        costs=costs,
    )
