"""Stages: what a paper's table prints, as blocks."""

import pytest

from rexpand.errors import SpecError
from rexpand.spec import InvertedBottleneck, SqueezeExcite
from rexpand.spec.families.stages import (
    Stage,
    inverted,
    multiplied,
    multiplied_between_ends,
)

SQUEEZE = SqueezeExcite(reduction=4)
LIKE = InvertedBottleneck(out_channels=1, squeeze_excite=SQUEEZE, shortcut="identity")
TABLE = (
    Stage(out_channels=16, expand_ratio=1, squeeze_excite=False),
    Stage(out_channels=40, stride=2, kernel_size=(3, 5, 7), expand_ratio=(3, 6, 2.5)),
)


def block(**fields) -> InvertedBottleneck:
    return InvertedBottleneck(shortcut="identity", **fields)


def test_a_row_is_a_stage_and_a_field_is_one_value_or_one_per_block():
    first, second = inverted(TABLE, LIKE)

    # The stride is the first block's; what no field says is as in the block given.
    assert first == (block(out_channels=16, expand_ratio=1.0),)
    squeezed = {"out_channels": 40, "squeeze_excite": SQUEEZE}
    assert second == (
        block(stride=2, kernel_size=3, expand_ratio=3.0, **squeezed),
        block(kernel_size=5, expand_ratio=6.0, **squeezed),
        block(kernel_size=7, expand_ratio=2.5, **squeezed),
    )


def test_repeats_count_where_no_field_gives_each_block_its_own():
    stages = (
        Stage(out_channels=8, repeats=2, kernel_size=7),
        Stage(out_channels=16, kernel_size=(3, 3, 5)),
    )

    first, second = inverted(stages, LIKE)

    assert [b.kernel_size for b in first] == [7, 7]
    assert [b.kernel_size for b in second] == [3, 3, 5]


def test_multipliers_of_one_give_the_table_itself():
    stages = inverted(TABLE, LIKE)

    blocks = multiplied(stages)

    # The very blocks: a spec of the catalogue is built in no time.
    assert all(
        mine is theirs
        for mine, theirs in zip(blocks, (*stages[0], *stages[1]), strict=True)
    )


def test_depth_rounds_up_and_repeats_blocks_where_they_stand():
    blocks = multiplied(inverted(TABLE, LIKE), depth_mult=1.5)

    # ceil(1.5), ceil(4.5); a stride is never repeated.
    assert [b.out_channels for b in blocks] == [16, 16, 40, 40, 40, 40, 40]
    assert [b.kernel_size for b in blocks[2:]] == [3, 3, 5, 5, 7]
    assert [b.stride for b in blocks] == [1, 1, 2, 1, 1, 1, 1]


def test_the_ends_keep_their_depth_but_not_their_width():
    stages = (*inverted(TABLE, LIKE), *inverted(TABLE, LIKE)[:1])

    blocks = multiplied_between_ends(stages, width_mult=2.0, depth_mult=2.0)

    assert [b.out_channels for b in blocks] == [32, *[80] * 6, 32]


@pytest.mark.parametrize("mult", [0.0, -1.0, float("nan"), float("inf")])
def test_a_multiplier_that_leaves_nothing_is_refused(mult):
    stages = inverted(TABLE, LIKE)

    with pytest.raises(SpecError, match=r"width_mult is .*; give more than 0"):
        multiplied(stages, width_mult=mult)
    with pytest.raises(SpecError, match=r"depth_mult is .*; give more than 0"):
        multiplied(stages, depth_mult=mult)


def test_uneven_rows_are_our_mistake():
    stage = Stage(out_channels=8, kernel_size=(3, 5), expand_ratio=(6, 6, 6))

    with pytest.raises(AssertionError, match="uneven"):
        inverted((stage,), LIKE)
