"""From the graph of a module to a spec: stem, blocks, head, and nothing else.

Every layer must fit, so what is read is all that there is; a step that does not fit is
named, with its block and the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rexpand.advise.reading.blocks import RawBlock, block_specs, read_block
from rexpand.advise.reading.cursor import Cursor
from rexpand.advise.reading.ends import read_head, read_stem
from rexpand.cost import Graph
from rexpand.size import Size
from rexpand.spec import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class Reading:
    """The spec of a module, and its name for each of our tensors."""

    spec: NetworkSpec
    names: Mapping[str, str]


def read_graph(graph: Graph, *, name: str, dropout: float, asker: str) -> Reading:
    """The spec of a graph; SpecError names the block that cannot be read, and why.

    `asker` is what needs the spec, as the error says it.
    """
    cursor = Cursor(graph, asker)
    stem, here = read_stem(cursor)
    raw: list[RawBlock] = []
    while (block := read_block(cursor, here, len(raw))) is not None:
        here = block.end
        raw.append(block)
    head, num_classes = read_head(cursor, here, dropout)
    if not raw:
        cursor.refuse("there is no inverted-residual block before it")
    if len(cursor.eps) > 1:
        eps = ", ".join(f"{value:g}" for value in sorted(cursor.eps))
        cursor.refuse(f"batch norms have eps {eps}, and a spec has one")
    _, in_channels, height, width = graph.inputs[0]
    spec = NetworkSpec(
        name=name,
        family="inverted_residual",
        stem=stem,
        blocks=block_specs(cursor, raw),
        head=head,
        resolution=Size(height=height, width=width),
        in_channels=in_channels,
        num_classes=num_classes,
        non_decreasing=False,
        norm_eps=cursor.eps.pop(),
    )
    return Reading(spec=spec, names=MappingProxyType(cursor.names))
