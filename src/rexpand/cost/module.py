"""What a module of unknown make was seen to do, operator by operator, as values.

A `Layer` is one operator as it ran: a layer of the network, or an addition between two.
The counts are those of `rexpand.cost.layers`, stretched to any operator: convolutions,
linear layers, matrix products and attention have multiply-accumulates; everything else
reads and writes elements. Nothing here needs torch: `rexpand.models` does the seeing.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from rexpand.cost.layers import Cost

Kind = Literal[
    # These multiply and accumulate.
    "convolution", "linear", "product", "attention",
    # These do not.
    "norm", "activation", "softmax", "add", "multiply", "elementwise",
    "pool", "reduction", "resize", "copy",
]  # fmt: skip
Shape = tuple[int, ...]

_BYTES = 4  # of an element, float32
_PRODUCTS = frozenset(("convolution", "linear", "product", "attention"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One operator as it ran, for the example input.

    `name` is the path of the module that ran it, `module` that module's class, `within`
    the class of the module that runs that one, `function` what it called (`F.relu` is not `torch.relu`). `inputs` are the shapes of
    the tensors read, learned ones aside, which are the `params`: a weight used twice is
    in both layers. Sizes are in pixels; `kernel_size`, `stride` and `dilation` are those
    of convolutions and pools. `contracted` is how long the sums of a product are. Where the
    operator does not say, `channel_axis` is 1 of four axes or more, else the last.
    """

    name: str
    kind: Kind
    function: str
    module: str
    within: str = ""
    inputs: tuple[Shape, ...]
    output: Shape
    params: int = 0
    macs: int = 0
    kernel_size: Shape = ()
    stride: Shape = ()
    dilation: Shape = ()
    groups: int = 1
    contracted: int = 0
    has_bias: bool = False
    is_affine: bool = False
    is_transposed: bool = False
    channel_axis: int = 1
    mode: str = ""

    @property
    def has_macs(self) -> bool:
        """Whether it multiplies and accumulates."""
        return self.kind in _PRODUCTS

    @property
    def in_channels(self) -> int:
        """Channels of the first input: axis 1 of maps, the last of tokens."""
        return self._channels(self.inputs[0]) if self.inputs else 0

    @property
    def out_channels(self) -> int:
        """Channels of the output."""
        return self._channels(self.output)

    @property
    def in_size(self) -> Shape:
        """Height and width (and depth) of the first input; of tokens, how many."""
        return self._size(self.inputs[0]) if self.inputs else ()

    @property
    def out_size(self) -> Shape:
        """Height and width (and depth) of the output; of tokens, how many."""
        return self._size(self.output)

    @property
    def is_depthwise(self) -> bool:
        """Whether every filter sees one channel."""
        return self.kind == "convolution" and 1 < self.groups == self.in_channels

    @property
    def is_pointwise(self) -> bool:
        """Whether it is a 1x1 convolution."""
        return self.kind == "convolution" and max(self.kernel_size) == 1

    @property
    def elements_in(self) -> int:
        """Elements that it reads, learned ones aside."""
        return sum(map(math.prod, self.inputs))

    @property
    def elements_out(self) -> int:
        """Elements that it writes."""
        return math.prod(self.output)

    @property
    def memory_access(self) -> int:
        """Elements that it reads and writes: input, output and weights."""
        return self.params + self.elements_in + self.elements_out

    @property
    def memory_bound(self) -> float | None:
        """The least memory access of a convolution or linear layer with these macs.

        2 sqrt(p q c d) + B/q, where p and q are positions in and out, c and d channels
        in and out, and B the macs; it is reached where p c = q d. For a 1x1 convolution
        without stride and groups this is 2 sqrt(hw B) + B/(hw), guideline 1 of
        ShuffleNetV2 (arXiv 1807.11164). None for other operators.
        """
        if self.kind not in ("convolution", "linear"):
            return None
        weights = self.params - self.out_channels * self.has_bias
        return 2 * math.sqrt(self.elements_in * self.elements_out) + weights

    @property
    def intensity(self) -> float:
        """Multiply-accumulates per byte, with four bytes an element."""
        return self.macs / (_BYTES * max(self.memory_access, 1))

    @property
    def cost(self) -> Cost:
        """Its counts; only operators with macs have activations and memory access."""
        if not self.has_macs:
            return Cost(params=self.params)
        return Cost(self.params, self.macs, self.elements_out, self.memory_access)

    def _channels(self, shape: Shape) -> int:
        return shape[self.channel_axis] if len(shape) > 1 else math.prod(shape)

    def _size(self, shape: Shape) -> Shape:
        return shape[1:-1] if self.channel_axis == -1 else shape[2:]


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
class ModuleCost:
    """Everything counted in one pass: layers as they ran, and the tree of modules.

    `device` is where the pass ran; `meta` computes nothing. `inputs` are the shapes of
    the example.
    """

    tree: Node
    layers: tuple[Layer, ...]
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
