"""AtomNAS: the searched atoms, and how they scale."""

import pytest

from rexpand.spec import network


def parts(name: str, **multipliers: float) -> list[tuple[int, ...]]:
    """Channels of each kernel, block by block."""
    spec = network(name, **multipliers)
    inputs = (spec.stem.out_channels, *spec.channels)
    return [
        tuple(int(part) for part in block.kernel_parts(block.expanded(channels)))
        for block, channels in zip(spec.blocks, inputs, strict=False)
    ]


def test_the_atoms_are_those_of_the_release():
    # apps/searched/models/atomnas_c.yml, the blocks at 24 and 320 channels.
    assert parts("atomnas_c")[:5] == [
        (32,), (15, 23, 13), (20, 3, 2), (21, 8, 1), (21, 4)
    ]  # fmt: skip
    assert parts("atomnas_c")[-1] == (823, 738, 749)
    assert parts("atomnas_a")[13] == (344, 196, 168)
    assert parts("atomnas_b")[2] == (16, 4)


def test_plus_changes_activation_and_squeeze_alone():
    plain, plus = network("atomnas_b"), network("atomnas_b_plus")

    assert parts("atomnas_b") == parts("atomnas_b_plus")
    assert {block.depthwise_activation for block in plain.blocks} == {"relu"}
    assert {block.depthwise_activation for block in plus.blocks} == {"silu"}
    assert all(block.squeeze_excite is None for block in plain.blocks)
    assert all(block.squeeze_excite is not None for block in plus.blocks)


@pytest.mark.parametrize("width_mult", [0.25, 0.5, 2.0])
def test_atoms_keep_their_proportion_to_the_inputs(width_mult):
    before, after = network("atomnas_c"), network("atomnas_c", width_mult=width_mult)

    # The inputs are multiples of 8; a block has as many atoms an input as the searched.
    for index in range(1, before.depth):
        wide, narrow = before.channels[index - 1], after.channels[index - 1]
        atoms = before.blocks[index].expanded(wide)
        assert after.blocks[index].expanded(narrow) == pytest.approx(
            atoms * narrow / wide, abs=0.5
        )


def test_no_kernel_is_lost_when_the_network_shrinks():
    # One atom of 7x7 in 30 stays one in 10.
    assert all(min(block) >= 1 for block in parts("atomnas_c", width_mult=0.25))


def test_deeper_stages_repeat_their_last_block():
    deep = network("atomnas_c", depth_mult=1.5)

    # Stages of 1, 4, 4, 4, 4, 4 and 1 blocks, rounded up.
    assert deep.depth == 2 + 5 * 6 + 2
    assert parts("atomnas_c", depth_mult=1.5)[5:9] == [(21, 4)] * 3 + [(64, 65, 70)]
