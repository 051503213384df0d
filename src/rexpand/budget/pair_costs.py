"""A network's cost as a sum over neighbouring widths, tabulated.

The cost of a block depends on its own width and on that of the block before it. With a
table for each pair of neighbours and a column for the head, the cost of every
configuration of some candidate widths is a sum of table entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rexpand.budget.bounds import Budget, Floats, check_of_network
from rexpand.cost import block_cost, costs_of
from rexpand.cost.blocks import LookBack
from rexpand.errors import BudgetError
from rexpand.spec import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class PairCosts:
    """Tables (bounds, widths before, widths of the block), one per block; integers.

    `ends` is (bounds, widths of the last block): head and stem. `limits` are the bounds
    themselves, (bounds,).
    """

    tables: tuple[Floats, ...]
    ends: Floats
    limits: Floats

    def least(self) -> list[Floats]:
        """Per block, the least cost after each of its widths, (bounds, widths)."""
        rest = [self.ends]
        for table in reversed(self.tables[1:]):
            rest.append((table + rest[-1][:, None, :]).min(axis=2))
        return rest[::-1]


def pair_costs(
    spec: NetworkSpec, candidates: Sequence[Floats], budget: Budget
) -> PairCosts:
    """The tables of a network for some candidate widths per block.

    Raises BudgetError for blocks that look further back than one block, and for
    bounds besides macs and params.
    """
    check_of_network(budget)
    others = [name for name in budget.bounds if name not in budget.counts]
    if others:
        raise BudgetError(
            f"{others[0]} is {budget.bounds[others[0]]:g}, and the nearest channels are "
            "found for macs and params; give those alone"
        )
    if any(block.looks_back for block in spec.blocks):
        raise BudgetError(
            f"{spec.name} has blocks whose cost depends on two blocks before them; "
            "give a network whose blocks follow one another"
        )
    names = tuple(budget.bounds)
    sizes = (spec.stem.output(spec.size), *spec.map_sizes())
    before = np.array([float(spec.stem.out_channels)])
    tables = []
    for index, block in enumerate(spec.blocks):
        own = np.asarray(candidates[index], dtype=np.float64)
        left, right = (grid.ravel() for grid in np.meshgrid(before, own, indexing="ij"))
        cost = block_cost(
            block, left, right, sizes[index], LookBack(left, sizes[index])
        )
        shape = (len(before), len(own))
        tables.append(
            np.array(
                [
                    np.broadcast_to(getattr(cost, name), left.shape).reshape(shape)
                    for name in names
                ]
            )
        )
        before = own
    return PairCosts(
        tables=tuple(tables),
        ends=_ends(spec, candidates, tables, names),
        limits=np.array([budget.bounds[name] for name in names], dtype=np.float64),
    )


def _ends(
    spec: NetworkSpec,
    candidates: Sequence[Floats],
    tables: Sequence[Floats],
    names: tuple[str, ...],
) -> Floats:
    """Stem and head for each last width: the whole cost less that of the blocks."""
    last = candidates[-1]
    rows = np.array(
        [[column[0] for column in candidates]] * len(last), dtype=np.float64
    )
    rows[:, -1] = last
    total = costs_of(spec, rows)
    whole = np.array([getattr(total, name) for name in names])
    blocks = np.zeros((len(names), 1))
    for table in tables[:-1]:
        blocks = blocks + table[:, :1, 0]
    return np.asarray(whole - blocks - tables[-1][:, 0, :])
