"""Which operator each tensor comes from, followed through views and writes in place.

Tensors that look at the same memory share one note of who wrote it last. A tensor that
nobody noted is a constant: weights, and what was made of them.
"""

import weakref
from collections.abc import Sequence

from torch import Tensor

from rexpand.cost.operators import Edge, Origin, View

_CONSTANT = Edge(origin="constant")
_CUTS = frozenset(
    (
        *("__getitem__", "narrow", "chunk", "split", "split_with_sizes"),
        *("tensor_split", "slice", "unsafe_chunk", "unsafe_split"),
    )
)
_COPIES = frozenset(("contiguous", "to", "_to_copy", "float", "half", "bfloat16"))
# These keep the order of the elements, whatever the shape becomes.
_IN_ORDER = _COPIES | frozenset(
    (
        *("view", "reshape", "_unsafe_view", "_reshape_alias", "flatten", "unflatten"),
        *(
            "squeeze",
            "unsqueeze",
            "view_as",
            "reshape_as",
            "detach",
            "alias",
            "type_as",
        ),
        *("dropout", "alpha_dropout", "feature_dropout"),
    )
)


class _Memory:
    """What was written where tensors look: by whom, and how many elements."""

    __slots__ = ("edge", "numel")

    def __init__(self, origin: Origin, numel: int) -> None:
        self.edge = Edge(origin=origin) if origin != "constant" else _CONSTANT
        self.numel = numel


class _Value:
    """How a tensor looks at its memory."""

    __slots__ = ("memory", "start", "tensor", "view")

    def __init__(
        self, tensor: Tensor, memory: _Memory, view: View = "whole", start: int = 0
    ) -> None:
        self.tensor = weakref.ref(tensor)  # an id says nothing about a dead one
        self.memory = memory
        self.view = view
        self.start = start


class Origins:
    """The notes of one pass."""

    def __init__(self) -> None:
        self._values: dict[int, _Value] = {}

    def edge(self, tensor: Tensor) -> Edge:
        """Where a tensor comes from."""
        value = self._value(tensor)
        if value is None:
            return _CONSTANT
        edge = value.memory.edge
        if value.view == "whole" or edge is _CONSTANT:
            return edge
        return Edge(origin=edge.origin, view=value.view, start=value.start)

    def is_part(self, tensor: Tensor) -> bool:
        """Whether a tensor looks at less than all of its memory."""
        return tensor.numel() < self.whole(tensor)

    def whole(self, tensor: Tensor) -> int:
        """Elements of the memory that a tensor looks at."""
        value = self._value(tensor)
        if value is not None:
            return value.memory.numel
        return tensor.untyped_storage().nbytes() // tensor.element_size()

    def are_one(self, one: Tensor, other: Tensor) -> bool:
        """Whether two tensors look at the same memory."""
        value, second = self._value(one), self._value(other)
        return (
            value is not None and second is not None and value.memory is second.memory
        )

    def gave(self, tensor: Tensor, origin: Origin) -> None:
        """A new tensor, and who wrote it."""
        memory = _Memory(origin, tensor.numel())
        self._values[id(tensor)] = _Value(tensor, memory)

    def wrote(self, tensor: Tensor, origin: Origin) -> None:
        """A write in place: whoever looks there reads it from now on."""
        value = self._value(tensor)
        if value is None:
            value = self._start(tensor)
        value.memory.edge = Edge(origin=origin)

    def looked(self, name: str, base: Tensor, view: Tensor) -> None:
        """A function of this name gave a view, or a copy in another order."""
        if view is base:
            return
        value = self._value(base)
        if value is None:
            value = self._start(base)
        memory = value.memory
        if name in _COPIES:
            memory = _Memory(memory.edge.origin, view.numel())
        found = _Value(view, memory, value.view, value.start)
        if value.view != "other" and not _is_whole(name, base, view):
            start = _first_channel(base, view) if name in _CUTS else None
            found.view = "other" if start is None else "channels"
            found.start = value.start + (start or 0)
        self._values[id(view)] = found

    def derived(self, bases: Sequence[Tensor], tensor: Tensor) -> None:
        """A new tensor, made of others by what is no operator of the graph."""
        edges = [self.edge(base) for base in bases]
        edge = next((each for each in edges if each.origin != "constant"), _CONSTANT)
        memory = _Memory(edge.origin, tensor.numel())
        self._values[id(tensor)] = _Value(tensor, memory, "other")

    def _value(self, tensor: Tensor) -> _Value | None:
        value = self._values.get(id(tensor))
        return value if value is not None and value.tensor() is tensor else None

    def _start(self, tensor: Tensor) -> _Value:
        """A constant that somebody looks at, or writes to."""
        value = _Value(tensor, _Memory("constant", self.whole(tensor)))
        self._values[id(tensor)] = value
        return value


def _is_whole(name: str, base: Tensor, view: Tensor) -> bool:
    """Whether every element is there, in the same order; sides of 1 do not matter."""
    if base.shape == view.shape and name in _IN_ORDER:
        return True
    sides, others = _long_sides(base), _long_sides(view)
    if name in _IN_ORDER:
        return [side for side, _ in sides] == [side for side, _ in others]
    return sides == others


def _long_sides(tensor: Tensor) -> list[tuple[int, int]]:
    pairs = zip(tensor.shape, tensor.stride(), strict=True)
    return [(side, step) for side, step in pairs if side != 1]


def _first_channel(base: Tensor, view: Tensor) -> int | None:
    """Where the channels begin that a view has of a map; None for another view."""
    shape, other = list(base.shape), list(view.shape)
    if len(shape) < 3 or len(other) != len(shape) or base.stride() != view.stride():
        return None
    other[1] = shape[1]
    if other != shape or not base.stride(1):
        return None
    return int(view.storage_offset() - base.storage_offset()) // base.stride(1)
