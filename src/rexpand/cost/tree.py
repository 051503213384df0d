"""The modules of a network as a tree of values."""

from collections.abc import Iterator
from dataclasses import dataclass

from rexpand.cost.layers import Cost
from rexpand.cost.operators import Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A module of the tree: what it cost in all, and its parts in their own order.

    `params` of tied weights are counted where they come first. `output` is the shape of
    the tensor that it returned, or of what its last layer wrote where it returned
    several. A part that never ran has params only.
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
