"""A write into part of a tensor, as a module was seen to make it."""

from dataclasses import dataclass

from rexpand.cost.module import Shape


@dataclass(frozen=True, kw_only=True, slots=True)
class PartialWrite:
    """A write into part of a tensor: the module, what it called, the part's shape.

    `share` is how much of the whole tensor's memory the part is. `adds` is a shortcut's
    addition; the others copy or scale.
    """

    name: str
    module: str
    function: str
    part: Shape
    share: float
    adds: bool
