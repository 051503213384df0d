"""A module of unknown make as one pass showed it: operators, edges, and its tree.

Everything that is said of such a module comes from here: its cost and what counters
make of it, what a linter asks, the spec that it can be read as.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rexpand.cost.layers import Cost
from rexpand.cost.operators import Edge, Layer, PartialWrite, Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A module of the tree: what it cost in all, and its parts in their own order.

    `params` of tied weights are counted where they come first. `output` is the shape of
    what its last layer wrote. A part that never ran has params only.
    """

    name: str
    module: str
    cost: Cost
    output: Shape
    children: tuple["Node", ...]
    is_container: bool = False

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, kw_only=True, slots=True)
class Uncounted:
    """An operator that computes something no rule here counts, and how often it ran."""

    operator: str
    calls: int


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Everything seen in one pass: layers as they ran, and the tree of modules.

    `ends` is where the tensors that the module returned come from; `writes` are those
    into part of a tensor. `device` is where the pass ran; `meta` computes nothing.
    `inputs` are the shapes of the example.
    """

    tree: Node
    layers: tuple[Layer, ...]
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
    def blocks(self) -> tuple[Node, ...]:
        """The named children; a container of blocks counts as its blocks."""
        return tuple(_opened(self.tree))


def _opened(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.is_container and any(inner.children for inner in child.children):
            yield from _opened(child)
        else:
            yield child
