"""What a module did in one pass, operator by operator, as values.

A `Layer` is one operator as it ran: a layer of the network, or an addition between two.
Its edges say which operators' outputs it reads. The counts are those of
`rexpand.cost.layers`, extended to any operator: convolutions, linear layers, matrix
products and attention have multiply-accumulates; everything else reads and writes
elements. Nothing here needs torch: `rexpand.trace` records the pass.
"""

import math
from dataclasses import dataclass
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
Origin = int | Literal["image", "constant"]
View = Literal["whole", "channels", "other"]
Constant = float | str | bool | None | Shape

_BYTES = 4  # of an element, float32
_PRODUCTS = frozenset(("convolution", "linear", "product", "attention"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Edge:
    """Where a tensor that is read comes from.

    `origin` is the place of an operator among the graph's layers, the image (any input
    of the module), or a constant, which does not depend on the image. `view` is how
    much of the origin's output is read, and in which order: the `whole` (sides of 1 may
    differ), the `channels` from `start` on (as many as the shape has), or any `other`
    selection or order of its elements.
    """

    origin: Origin
    view: View = "whole"
    start: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """One operator as it ran, for the example input.

    `name` is the path of the module that ran it, in its `call`-th call in the pass,
    `module` that module's class, `within` the class of the module that calls that one,
    `function` the function called (`F.relu` is not `torch.relu`). `inputs` are the
    shapes of the tensors read, and `edges` where each comes from; a write into part of
    a tensor has an additional edge, to what was there before. Learned tensors are not
    among them: they are the `tensors`, by role and by name in the module; the name is
    empty for a tensor that was computed in the pass. They are the `params`: a weight
    used twice counts in both layers. `constants` are the other arguments of an
    operator, by place or name. Sizes are in pixels; `kernel_size`, `stride`, `padding`
    and `dilation` are those of convolutions and pools. `contracted` is the length of
    the sums of a product. Where the operator does not say, `channel_axis` is 1 for four
    axes or more, else the last.
    """

    name: str
    kind: Kind
    function: str
    module: str
    within: str = ""
    inputs: tuple[Shape, ...]
    output: Shape
    edges: tuple[Edge, ...] = ()
    tensors: tuple[tuple[str, str], ...] = ()
    constants: tuple[tuple[int | str, Constant], ...] = ()
    call: int = 1
    params: int = 0
    macs: int = 0
    kernel_size: Shape = ()
    stride: Shape = ()
    padding: Shape = ()
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
        """Height and width (and depth) of the first input; for tokens, their number."""
        return self._size(self.inputs[0]) if self.inputs else ()

    @property
    def out_size(self) -> Shape:
        """Height and width (and depth) of the output; for tokens, their number."""
        return self._size(self.output)

    @property
    def is_depthwise(self) -> bool:
        """Whether every filter reads one channel."""
        return self.kind == "convolution" and 1 < self.groups == self.in_channels

    @property
    def is_pointwise(self) -> bool:
        """Whether it is a 1x1 convolution."""
        return self.kind == "convolution" and max(self.kernel_size) == 1

    @property
    def elements_in(self) -> int:
        """Elements that it reads, without the learned ones."""
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
        """Multiply-accumulates per byte, with four bytes per element."""
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
class Call:
    """A module as it ran: its path, which of its calls this was, what it returned."""

    name: str
    call: int
    output: Shape


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
