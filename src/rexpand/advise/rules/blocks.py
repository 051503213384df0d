"""The blocks of a module of unknown make, and the channels that each puts out.

A block is the highest module of a class of which one joins branches itself (a shortcut's
addition, a concatenation); without shortcuts, one that holds two convolutions or more
and no two modules of one class that do. Stages and containers are opened.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from rexpand.advise.rules.bottlenecks import is_filter
from rexpand.cost.graph import Graph, Node
from rexpand.cost.operators import Layer

_LARGEST_PLAIN = 4  # convolutions of a container that is one block, not a whole network


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockWidth:
    """A block by its path, and the channels of what it puts out."""

    name: str
    channels: int


@dataclass(frozen=True, kw_only=True)
class _Tree:
    """Per path: filters at it and below, the last layer that ran.

    `joining` are the classes that join, `stages` those that hold several of them.
    """

    filters: Counter[str]
    last: dict[str, Layer]
    joining: frozenset[str]
    stages: frozenset[str]


def block_widths(cost: Graph) -> tuple[BlockWidth, ...]:
    """The blocks in forward order, without the stem; none for one without maps."""
    tree = _tree(cost)
    stem = next((layer.name for layer in cost.layers if is_filter(layer)), "")
    ran = {name: place for place, name in enumerate(tree.last)}
    found = [
        BlockWidth(name=node.name, channels=tree.last[node.name].out_channels)
        for node in _opened(cost.tree, tree)
        if _puts_out_a_map(tree.last[node.name]) and node.name not in paths(stem)
    ]
    return tuple(sorted(found, key=lambda block: ran[block.name]))


def is_join(layer: Layer) -> bool:
    """Whether it brings branches together: an addition of maps, a concatenation."""
    if len(layer.inputs) < 2 or len(layer.output) != 4:
        return False
    return layer.kind == "add" or (
        layer.kind == "copy" and layer.function in ("torch.cat", "aten.cat")
    )


def _tree(cost: Graph) -> _Tree:
    filters: Counter[str] = Counter()
    last: dict[str, Layer] = {}
    for layer in cost.layers:
        for path in paths(layer.name):
            filters[path] += is_filter(layer)
            last.pop(path, None)  # so that paths stay in the order of their ends
            last[path] = layer
    joins = {layer.name for layer in cost.layers if layer.name and is_join(layer)}
    nodes = list(cost.tree.walk())
    joining = frozenset(node.module for node in nodes if node.name in joins)
    inner = [node.name for node in nodes if node.module in joining]
    held = Counter(path for name in inner for path in paths(name) if path != name)
    stages = frozenset(node.module for node in nodes if held[node.name] > 1)
    return _Tree(filters=filters, last=last, joining=joining, stages=stages)


def paths(name: str) -> Iterator[str]:
    """A path and all above it, the root last."""
    while name:
        yield name
        name = name.rpartition(".")[0]
    yield ""


def _opened(node: Node, tree: _Tree) -> Iterator[Node]:
    parts = [child for child in node.children if tree.filters[child.name]]
    if not parts and tree.filters[node.name] < 2:
        return
    if node.name and _is_block(node, parts, tree):
        yield node
    else:
        singles = all(tree.filters[part.name] == 1 for part in parts)
        is_chain = node.is_container and singles and len(parts) > _LARGEST_PLAIN
        for part in parts:
            if is_chain:
                yield part
            else:
                yield from _opened(part, tree)


def _is_block(node: Node, parts: list[Node], tree: _Tree) -> bool:
    return (
        node.module in tree.joining
        or _is_plain_block(node, parts, tree)
        or not _is_stage(node, parts, tree)
    )


def _is_plain_block(node: Node, parts: list[Node], tree: _Tree) -> bool:
    return (
        node.is_container
        and all(tree.filters[part.name] == 1 for part in parts)
        and 2 <= len(parts) <= _LARGEST_PLAIN
    )


def _is_stage(node: Node, parts: list[Node], tree: _Tree) -> bool:
    """Whether it only holds blocks: a container, or modules of one class in a row."""
    if node.is_container or len(parts) == 1 or node.module in tree.stages:
        return True
    classes = Counter(
        part.module
        for part in parts
        if tree.filters[part.name] > 1 and not part.is_container
    )
    return max(classes.values(), default=0) > 1


def _puts_out_a_map(layer: Layer) -> bool:
    return len(layer.output) == 4 and math.prod(layer.out_size) > 1
