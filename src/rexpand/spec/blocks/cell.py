"""The cell of DARTS and its relatives, as data (arXiv 1806.09055)."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import KERNEL, NODE, ROUNDING
from rexpand.spec.blocks.choices import (
    Activation,
)
from rexpand.spec.blocks.contract import BlockSpec
from rexpand.spec.blocks.fields import nonlinearity, rounding
from rexpand.spec.blocks.geometry import check_kernel
from rexpand.spec.rounding import Width, divided

Operation = Literal[
    "separable",
    "dilated",
    "factorized",
    "pointwise",
    "row_column",
    "skip",
    "max_pool",
    "avg_pool",
]
InputLayer = Literal["pointwise", "factorized", "input"]

INPUTS = 2  # nodes 0 and 1: the outputs of the two blocks before the cell
_REDUCTION = 4  # of the width, inside of a row_column


@dataclass(frozen=True, kw_only=True)
class CellEdge:
    """An operation from a node of a cell to a later one.

    `separable` is activation, depthwise kxk, 1x1, batch norm, all of it twice;
    `dilated` is the same once, with dilation 2. `factorized` is activation, two
    parallel 1x1 convolutions, batch norm; the second convolution reads the next pixel:
    at stride 2 one reads the even pixels, the other the odd ones. `pointwise` is
    activation, 1x1, batch norm. `row_column` is 1x1 to a quarter of the width, 1xk, kx1,
    1x1, each after an activation and before a batch norm. `skip` is the identity. Pools
    are never dilated, and have parameters only where they change the width: a 1x1 and a
    batch norm after them.
    """

    node: Annotated[int, NODE]
    source: Annotated[int, NODE]
    operation: Operation
    kernel_size: Annotated[int, KERNEL] = 3

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        check_kernel(self.kernel_size)
        if not max(self.source, INPUTS - 1) < self.node:
            raise SpecError(
                f"an edge goes from node {self.source} to node {self.node}; it must "
                f"lead to a later node, {INPUTS} or above"
            )

    @property
    def reads_activated(self) -> bool:
        """Whether it works on the activated map of its source."""
        return self.operation not in ("skip", "max_pool", "avg_pool")


@dataclass(frozen=True, kw_only=True)
class Cell(BlockSpec):
    """Both inputs through a 1x1, nodes that sum their edges, nodes concatenated.

    Node 0 is the output of the block before the last, node 1 that of the last one; for
    the first block, both are the stem. The `before_layer` brings node 0 to the size of
    node 1: after a stride, in DARTS, it is factorized. With `input`, node 0 is the last
    output itself, without a layer (NASNet's first cell). The `outputs` are the nodes
    that are concatenated; where none is named, all but the inputs. Every node has the
    same width, so the channels are a multiple of their number. The edges from the
    inputs have the `stride`.
    """

    edges: tuple[CellEdge, ...]
    outputs: tuple[Annotated[int, NODE], ...] = ()
    before_layer: InputLayer = "pointwise"
    quarter_multiple: Annotated[int, ROUNDING] = rounding()
    edge_activation: Activation = nonlinearity("relu", "edge")
    output_activation: Activation = nonlinearity("linear", "output")
    kind: Literal["cell"] = "cell"
    looks_back: ClassVar[bool] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.edges:
            raise SpecError("a cell has no edges; give one or more")
        self._check_nodes()
        self._check_outputs()
        self._check_skips()
        self._check_width()

    @property
    def kernels(self) -> tuple[int, ...]:
        return tuple(edge.kernel_size for edge in self.edges)

    def joins(self, in_channels: int) -> bool:
        return False

    def check_input(self, in_channels: int) -> None:
        """Any number is valid: a 1x1 brings the inputs to the width of the nodes."""

    @property
    def nodes(self) -> int:
        """Number of nodes after the two inputs."""
        return max(edge.node for edge in self.edges) - INPUTS + 1

    @property
    def joined(self) -> tuple[int, ...]:
        """The nodes that are concatenated, in this order."""
        return self.outputs or tuple(range(INPUTS, INPUTS + self.nodes))

    def width(self, out_channels: Width) -> Width:
        """Channels of every node, for a number or a column of outputs."""
        return out_channels / len(self.joined)

    def quarter(self, width: Width) -> Width:
        """Inner channels of a `row_column` between nodes of a width."""
        return divided(width, _REDUCTION, self.quarter_multiple)

    def is_raw(self, source: int) -> bool:
        """Whether a node is the last output itself, with its channels."""
        return source == 0 and self.before_layer == "input"

    def sees(self, source: int) -> bool:
        """Whether a node is read; an input that is not read has no 1x1."""
        return source in self.joined or any(
            edge.source == source for edge in self.edges
        )

    def edge_stride(self, edge: CellEdge) -> int:
        """Stride of an edge: the cell's from an input, otherwise 1."""
        return self.stride if edge.source < INPUTS else 1

    @property
    def channel_multiple(self) -> int:
        """What the outputs must be multiples of."""
        return len(self.joined)

    def _check_nodes(self) -> None:
        reached = {edge.node for edge in self.edges}
        missing = set(range(INPUTS, INPUTS + self.nodes)) - reached
        if missing:
            raise SpecError(
                f"no edge leads to node {min(missing)} of a cell; number the nodes "
                f"from {INPUTS} without gaps"
            )

    def _check_outputs(self) -> None:
        for node in self.outputs:
            if node >= INPUTS + self.nodes or self.outputs.count(node) > 1:
                raise SpecError(
                    f"outputs {self.outputs} of a cell name node {node}; name each of "
                    f"its nodes 0 to {INPUTS + self.nodes - 1} once at most"
                )
            if node < INPUTS and (self.stride > 1 or self.is_raw(node)):
                raise SpecError(
                    f"node {node} of a cell cannot be among its outputs with stride "
                    f"{self.stride} and before_layer {self.before_layer!r}: its size or "
                    "width is another; leave it out"
                )

    def _check_skips(self) -> None:
        for edge in self.edges:
            if edge.operation == "skip" and self.edge_stride(edge) > 1:
                raise SpecError(
                    f"a skip from node {edge.source} of a cell cannot have its stride "
                    f"{self.stride}; give the operation 'factorized' or 'pointwise'"
                )
            if edge.operation == "skip" and self.is_raw(edge.source):
                raise SpecError(
                    "a skip from node 0 of a cell cannot change its width, and the "
                    "before_layer is 'input'; give the operation 'pointwise'"
                )

    def _check_width(self) -> None:
        """At least two channels per node: one for each half of a factorized layer."""
        nodes, least = len(self.joined), 2 * len(self.joined)
        if self.out_channels % nodes == 0 and self.out_channels >= least:
            return
        below = self.out_channels // nodes * nodes
        nearest = f"{below} or {below + nodes}" if below >= least else least
        raise SpecError(
            f"{self.out_channels} channels cannot be shared by the {nodes} nodes of a "
            f"cell; give {nearest}, or solve with multiple_of {nodes}"
        )
