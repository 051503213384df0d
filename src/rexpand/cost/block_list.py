"""The one definition of a block, for `cost --blocks`, `lint`, `rank` and `upgrade`.

A module joins branches by an addition of maps (a shortcut) or a concatenation. A block
is the highest module whose class has a module that joins. A join belongs to the nearest
module above it that holds a filter, so a module that only adds is not a block. Where
nothing joins, a block is a module that holds two or more filters, but not two modules
of one class that do. Where the network itself holds the row of blocks, a unit of one
filter before the first of them is also a block.

Filters are convolutions and linear layers on maps, not on what was pooled to one
position, as in gates and classifiers. Stages and containers are opened. These are not
blocks: the stem, which is the part with the first filter; what follows the blocks; what
has no module of its own (the first block of torchvision's MNASNet); what has no map as
output.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rexpand.cost.operators import Layer
from rexpand.cost.tree import Node

_LARGEST_PLAIN = 4  # convolutions at most in a container that is one block


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A block: its module, and the channels of its output."""

    node: Node
    channels: int

    @property
    def name(self) -> str:
        """Its path in the network."""
        return self.node.name


def block_list(root: Node, layers: Sequence[Layer]) -> tuple[Block, ...]:
    """The blocks in forward order, without stem and head."""
    tree = _tree(root, layers)
    ran = {name: place for place, name in enumerate(tree.last)}
    found = [
        Block(node=node, channels=tree.last[node.name].out_channels)
        for node in _opened(root, tree)
        if len(tree.last[node.name].output) == 4 and node.name not in tree.stem
    ]
    return tuple(sorted(found, key=lambda block: ran[block.name]))


def parts_list(root: Node, blocks: Sequence[Block]) -> tuple[Node, ...]:
    """The blocks, and around them the highest modules without blocks.

    Without blocks, as in a network of tokens, the containers are opened.
    """
    names = {block.name for block in blocks}
    holders = {path for name in names for path in paths(name) if path != name}

    def opened(node: Node) -> Iterator[Node]:
        if node.name in names or node.name not in holders:
            yield node
        else:
            for child in node.children:
                yield from opened(child)

    return tuple(opened(root) if holders else _unpacked(root))


def _unpacked(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.is_container and any(inner.children for inner in child.children):
            yield from _unpacked(child)
        else:
            yield child


def is_join(layer: Layer) -> bool:
    """Whether it joins branches: an addition of maps, or a concatenation."""
    if len(layer.inputs) < 2 or len(layer.output) != 4:
        return False
    return layer.kind == "add" or (
        layer.kind == "copy" and layer.function in ("torch.cat", "aten.cat")
    )


def pooled(layers: Sequence[Layer]) -> list[bool]:
    """Per layer, whether all that it reads was pooled to one position per image.

    A sum over positions that a product weighs (global context) is pooled too, and so
    is what a filter as large as the map gives.
    """
    found: list[bool] = []
    for layer in layers:
        places = [edge.origin for edge in layer.edges if isinstance(edge.origin, int)]
        is_after = bool(places) and all(found[place] for place in places)
        weighs = any(layers[place].kind == "product" for place in places)
        is_sum = weighs and _is_one_position(layer)
        found.append(is_after or is_sum or _pools_all(layer))
    return found


def paths(name: str) -> Iterator[str]:
    """A path and all paths above it, the root last."""
    while name:
        yield name
        name = name.rpartition(".")[0]
    yield ""


@dataclass(frozen=True, kw_only=True)
class _Tree:
    """Per path: filters at it and below, the last layer that ran.

    `joining` are the classes that join, `stages` those that hold several of them,
    `stem` the paths of the first filter.
    """

    filters: Counter[str]
    last: dict[str, Layer]
    joining: frozenset[str]
    stages: frozenset[str]
    stem: frozenset[str]


def _tree(root: Node, layers: Sequence[Layer]) -> _Tree:
    filters: Counter[str] = Counter()
    last: dict[str, Layer] = {}
    stem = ""
    for layer, is_pooled in zip(layers, pooled(layers), strict=True):
        is_filter = _has_filters(layer) and not is_pooled
        if is_filter and not filters:
            stem = layer.name
        for path in paths(layer.name):
            if is_filter:
                filters[path] += 1
            last.pop(path, None)  # so that paths are in the order in which they end
            last[path] = layer
    joins = {_holder(layer.name, filters) for layer in layers if is_join(layer)} - {""}
    nodes = list(root.walk())
    joining = frozenset(node.module for node in nodes if node.name in joins)
    inner = [node.name for node in nodes if node.module in joining]
    held = Counter(path for name in inner for path in paths(name) if path != name)
    return _Tree(
        filters=filters,
        last=last,
        joining=joining,
        stages=frozenset(node.module for node in nodes if held[node.name] > 1),
        stem=frozenset(paths(stem)),
    )


def _holder(name: str, filters: Counter[str]) -> str:
    """The nearest module above that holds a filter."""
    return next((path for path in paths(name) if filters[path]), "")


def _opened(node: Node, tree: _Tree) -> Iterator[Node]:
    parts = [child for child in node.children if tree.filters[child.name]]
    if not parts and tree.filters[node.name] < 2:
        return
    if node.name and _is_block(node, parts, tree):
        yield node
        return
    singles = all(tree.filters[part.name] == 1 for part in parts)
    if node.is_container and singles and len(parts) > _LARGEST_PLAIN:
        yield from parts
        return
    found = [list(_opened(part, tree)) for part in parts]
    first = next((place for place, blocks in enumerate(found) if blocks), 0)
    if _is_row_of_the_network(node, tree) and found[first] == [parts[first]]:
        yield from (
            part for part in parts[:first] if part.children and part.cost.params
        )
    for blocks in found:
        yield from blocks


def _is_row_of_the_network(node: Node, tree: _Tree) -> bool:
    """Whether the network itself holds this row, not one of its stages."""
    holds = node.is_container or node.module in tree.stages
    return holds and bool(node.name) and "." not in node.name


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


def _has_filters(layer: Layer) -> bool:
    return layer.kind in ("convolution", "linear") and len(layer.output) == 4


def _pools_all(layer: Layer) -> bool:
    """Whether it reduces a map to one position."""
    if _positions(layer.output) > 1:
        return False
    if layer.kind == "convolution":
        is_large = max(layer.kernel_size) > 1
        return is_large and layer.kernel_size == layer.in_size
    if layer.kind not in ("pool", "reduction"):
        return False
    is_global = layer.kind == "reduction" or "adaptive" in layer.function
    return is_global or _positions(layer.inputs[0]) > 1


def _is_one_position(layer: Layer) -> bool:
    return len(layer.output) == 4 and _positions(layer.inputs[0]) == 1


def _positions(shape: Sequence[int]) -> int:
    return shape[2] * shape[3] if len(shape) == 4 else 1
