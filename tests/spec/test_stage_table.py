"""Stage tables: what a paper prints, as blocks."""

import pytest

from rexpand.errors import SpecError
from rexpand.spec import DepthwiseSeparable, InvertedBottleneck, SqueezeExcite
from rexpand.spec.stage_table import (
    multiplied,
    multiplied_between_ends,
    stage_table,
)

SQUEEZE = SqueezeExcite(reduction=4)
LIKE = InvertedBottleneck(out_channels=1, squeeze_excite=SQUEEZE, shortcut="identity")
TABLE = """
    repeats  out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    1        16            1       3            1             no
    3        40            2       3,5,7        3,6,2.5       yes
"""


def block(**fields) -> InvertedBottleneck:
    return InvertedBottleneck(shortcut="identity", **fields)


def test_a_row_is_a_stage_and_a_cell_is_one_value_or_one_a_block():
    first, second = stage_table(TABLE, LIKE)

    # The stride is the first block's; what no column says is as in the block given.
    assert first == (block(out_channels=16, expand_ratio=1.0),)
    squeezed = {"out_channels": 40, "squeeze_excite": SQUEEZE}
    assert second == (
        block(stride=2, kernel_size=3, expand_ratio=3.0, **squeezed),
        block(kernel_size=5, expand_ratio=6.0, **squeezed),
        block(kernel_size=7, expand_ratio=2.5, **squeezed),
    )


def test_without_repeats_the_longest_cell_counts():
    table = """
        out_channels  kernel_size
        8             3,3,5
        16            7
    """

    stages = stage_table(table, DepthwiseSeparable(out_channels=1))

    assert [len(stage) for stage in stages] == [3, 1]
    assert [b.kernel_size for b in stages[0]] == [3, 3, 5]


def test_multipliers_of_one_give_the_table_itself():
    stages = stage_table(TABLE, LIKE)

    blocks = multiplied(stages)

    # The very blocks: a spec of the catalogue is built in no time.
    assert all(
        mine is theirs
        for mine, theirs in zip(blocks, (*stages[0], *stages[1]), strict=True)
    )


def test_depth_rounds_up_and_repeats_blocks_where_they_stand():
    blocks = multiplied(stage_table(TABLE, LIKE), depth_mult=1.5)

    # ceil(1.5), ceil(4.5); a stride is never repeated.
    assert [b.out_channels for b in blocks] == [16, 16, 40, 40, 40, 40, 40]
    assert [b.kernel_size for b in blocks[2:]] == [3, 3, 5, 5, 7]
    assert [b.stride for b in blocks] == [1, 1, 2, 1, 1, 1, 1]


def test_the_ends_keep_their_depth_but_not_their_width():
    stages = (*stage_table(TABLE, LIKE), *stage_table(TABLE, LIKE)[:1])

    blocks = multiplied_between_ends(stages, width_mult=2.0, depth_mult=2.0)

    assert [b.out_channels for b in blocks] == [32, *[80] * 6, 32]


@pytest.mark.parametrize("mult", [0.0, -1.0, float("nan"), float("inf")])
def test_a_multiplier_that_leaves_nothing_is_refused(mult):
    stages = stage_table(TABLE, LIKE)

    with pytest.raises(SpecError, match=r"width_mult .* leaves a layer without"):
        multiplied(stages, width_mult=mult)
    with pytest.raises(SpecError, match=r"depth_mult .* leaves a layer without"):
        multiplied(stages, depth_mult=mult)


def test_uneven_cells_are_our_mistake():
    with pytest.raises(AssertionError, match="uneven cells"):
        stage_table("repeats out_channels\n 3 8,16", LIKE)
