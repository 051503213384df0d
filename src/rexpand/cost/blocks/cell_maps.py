"""The maps of a cell with two inputs, in the order in which they are written."""

from dataclasses import dataclass

from rexpand.cost.blocks.cell import LookBack, across_size, shifted_size
from rexpand.cost.blocks.squeeze_excite import squeeze_maps
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import Cell, CellEdge
from rexpand.spec.blocks import strided


def cell_maps(
    block: Cell,
    in_channels: int,
    in_size: Size,
    tape: Tape,
    source: int,
    before: LookBack,
    before_step: int,
) -> int:
    cell = _Cell(block=block, in_channels=in_channels, in_size=in_size, tape=tape)
    nodes = [
        cell.first(source, before, before_step),
    ]
    activated = [cell.activated(0, nodes[0])]
    nodes.append(cell.second(source))
    activated.append(cell.activated(1, nodes[1]))
    for node in range(2, 2 + block.nodes):
        edges = [edge for edge in block.edges if edge.node == node]
        branches = [
            cell.branch(edge, nodes[edge.source], activated[edge.source])
            for edge in edges
        ]
        total = branches[0]
        for branch in branches[1:]:
            total = tape.add(total, branch)
        nodes.append(total)
        activated.append(cell.activated(node, total))
    joined = tape.write(
        block.out_channels * cell.size.pixels, *(nodes[node] for node in block.joined)
    )
    joined = tape.activate(block.output_activation, joined)
    return squeeze_maps(block.squeeze_excite, block.out_channels, tape, joined)


@dataclass(frozen=True, kw_only=True)
class _Cell:
    """A cell with its input, and the tape on which its steps are written."""

    block: Cell
    in_channels: int
    in_size: Size
    tape: Tape

    @property
    def width(self) -> int:
        return int(self.block.width(self.block.out_channels))

    @property
    def size(self) -> Size:
        return self.block.output(self.in_size)

    def first(self, source: int, before: LookBack, before_step: int) -> int:
        """Node 0: the input itself, or the output before it through its layer."""
        block, tape = self.block, self.tape
        if block.before_layer == "input":
            return source
        step = tape.activate(block.edge_activation, before_step)
        if not block.sees(0):
            return step
        if block.before_layer == "factorized":
            return self._factorized(
                step, before.channels, before.size, before.stride, before.dilation
            )
        return tape.write(self.width * self.in_size.pixels, step)

    def second(self, source: int) -> int:
        """Node 1: the input through its 1x1."""
        step = self.tape.activate(self.block.edge_activation, source)
        if not self.block.sees(1):
            return step
        return self.tape.write(self.width * self.in_size.pixels, step)

    def activated(self, node: int, step: int) -> int:
        """The map that the convolutions read, for a node that has such readers."""
        wanted = any(
            edge.source == node and edge.reads_activated for edge in self.block.edges
        )
        if not wanted:
            return step
        return self.tape.activate(self.block.edge_activation, step)

    def branch(self, edge: CellEdge, plain: int, activated: int) -> int:
        """The steps of an edge, from its source as it is or activated."""
        if edge.operation == "skip":
            return plain
        block, tape = self.block, self.tape
        channels = self.in_channels if block.is_raw(edge.source) else self.width
        size, stride = self.size, block.edge_stride(edge)
        in_size = self.in_size if edge.source < 2 else size
        outputs = self.width * size.pixels
        match edge.operation:
            case "max_pool" | "avg_pool":
                pooled = tape.write(channels * size.pixels, plain)
                is_raw = block.is_raw(edge.source)
                return tape.write(outputs, pooled) if is_raw else pooled
            case "factorized":
                return self._factorized(
                    activated, channels, in_size, stride, block.dilation
                )
            case "pointwise":
                return tape.write(outputs, activated)
            case "row_column":
                inner = int(block.quarter(self.width))
                step = tape.write(inner * in_size.pixels, activated)
                step = tape.write(inner * across_size(in_size, size).pixels, step)
                step = tape.write(inner * size.pixels, step)
                return tape.write(outputs, step)
        step = tape.write(outputs, tape.write(channels * size.pixels, activated))
        if edge.operation == "dilated":
            return step
        return tape.write(outputs, tape.write(outputs, step))

    def _factorized(
        self, source: int, channels: int, in_size: Size, stride: int, shift: int
    ) -> int:
        """Two strided 1x1, the second on a shifted map that may be padded, joined."""
        size = in_size.each(lambda side: strided(side, stride))
        half, shifted = self.width // 2, shifted_size(in_size, stride, shift)
        first = self.tape.write((self.width - half) * size.pixels, source)
        if shifted != in_size.each(lambda side: side - shift):
            source = self.tape.write(channels * shifted.pixels, source)
        second = self.tape.write(half * size.pixels, source)
        return self.tape.write(self.width * size.pixels, first, second)
