"""Any module as one pass showed it: operators, edges, and the tree of modules.

The rest follows from these: its cost, the counts of other counters, what lint checks,
and the spec that it can be read as.
"""

from dataclasses import dataclass
from functools import cached_property

from rexpand.cost.block_list import Block, block_list, parts_list
from rexpand.cost.flow import Flow
from rexpand.cost.layers import Cost
from rexpand.cost.operators import Call, Edge, Layer, PartialWrite, Shape
from rexpand.cost.tree import Node


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncounted:
    """An operator that no rule here counts, and how often it ran."""

    operator: str
    calls: int


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Everything recorded in one pass: layers as they ran, and the tree of modules.

    `calls` are the modules that returned one tensor, in the order in which they ended.
    `ends` is where the tensors that the module returned come from; `writes` are the
    writes into part of a tensor. `device` is where the pass ran; `meta` computes
    nothing. `inputs` are the shapes of the example.
    """

    tree: Node
    layers: tuple[Layer, ...]
    calls: tuple[Call, ...]
    ends: tuple[Edge, ...]
    writes: tuple[PartialWrite, ...]
    uncounted: tuple[Uncounted, ...]
    inputs: tuple[Shape, ...]
    device: str

    @property
    def total(self) -> Cost:
        """Params, macs, activations and memory access of the whole module."""
        return self.tree.cost

    @cached_property
    def flow(self) -> Flow:
        """Which layers read which, as questions to the edges."""
        return Flow(layers=self.layers)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks in forward order; `rexpand.cost.block_list` says what one is."""
        return block_list(self.tree, self.layers)

    @cached_property
    def parts(self) -> tuple[Node, ...]:
        """The blocks and what is around them, stem and head: all of the module."""
        return parts_list(self.tree, self.blocks)
