"""Stage tables: the blocks of a network as its paper prints them.

    repeats  out_channels  stride  kernel_size  expand_ratio
    1        16            1       3            1
    3        40            2       5            3,6,6

A table has a header and one row a stage. Its columns are fields of the kind of block,
by their names; `repeats` is the number of blocks. A cell holds for every block of its
stage, or gives each one its own, joined by commas. The stride is the first block's, the
others have 1. Under `squeeze_excite` stands yes or no. What no column says is as in a
block given along. A stage is then a tuple of blocks, and a table a tuple of stages:
the network at width 1 and depth 1.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeVar

from rexpand.spec.blocks import BlockSpec
from rexpand.spec.multipliers import repeated, scaled

Kind = TypeVar("Kind", bound=BlockSpec)
Stage = tuple[Kind, ...]


@cache
def stage_table(text: str, like: Kind) -> tuple[Stage[Kind], ...]:
    """The stages of a table; fields without a column are those of `like`."""
    header, *rows = (line.split() for line in text.strip().splitlines())
    return tuple(
        _stage(dict(zip(header, row, strict=True)), like) for row in rows if row
    )


def multiplied(
    stages: Iterable[Stage[Kind]],
    *,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    multiple_of: int = 8,
) -> tuple[Kind, ...]:
    """The blocks of all stages, wider and deeper by the multipliers."""
    return tuple(
        _wider(block, width_mult, multiple_of)
        for stage in stages
        for block in _deeper(stage, depth_mult)
    )


def multiplied_between_ends(
    stages: Sequence[Stage[Kind]], *, width_mult: float = 1.0, depth_mult: float = 1.0
) -> tuple[Kind, ...]:
    """The same, where the first and the last stage keep their number of blocks."""
    first, *middle, last = stages
    return (
        *multiplied([first], width_mult=width_mult),
        *multiplied(middle, width_mult=width_mult, depth_mult=depth_mult),
        *multiplied([last], width_mult=width_mult),
    )


def _stage(cells: Mapping[str, str], like: Kind) -> Stage[Kind]:
    columns = {name: cell.split(",") for name, cell in cells.items()}
    counts = [len(values) for values in columns.values()]
    depth = int(cells.get("repeats", max(counts)))
    assert set(counts) <= {1, depth}, f"uneven cells in {cells}"
    return tuple(_block(columns, index, like) for index in range(depth))


def _block(columns: Mapping[str, Sequence[str]], index: int, like: Kind) -> Kind:
    """Block `index` of a stage."""
    values: dict[str, Any] = {
        name: _value(name, cell[index] if len(cell) > 1 else cell[0], like)
        for name, cell in columns.items()
        if name != "repeats"
    }
    if index > 0:
        values["stride"] = 1
    return replace(like, **values)


def _value(name: str, cell: str, like: BlockSpec) -> Any:
    """A cell as the type that its field has."""
    if name == "squeeze_excite":
        assert cell in ("yes", "no"), f"squeeze_excite is {cell}"
        return like.squeeze_excite if cell == "yes" else None
    return type(getattr(like, name))(cell)


def _deeper(stage: Stage[Kind], depth_mult: float) -> Stage[Kind]:
    """As many blocks as EfficientNet's rule asks for, each repeated where it stands."""
    depth = repeated(len(stage), depth_mult)
    if depth == len(stage):
        return stage
    blocks = [stage[index * len(stage) // depth] for index in range(depth)]
    return (blocks[0], *(replace(block, stride=1) for block in blocks[1:]))


def _wider(block: Kind, width_mult: float, multiple_of: int) -> Kind:
    width = scaled(block.out_channels, width_mult, multiple_of)
    return block if width == block.out_channels else replace(block, out_channels=width)
