"""The contract of the kinds of block: each is in every table, and answers for itself."""

import pytest
from hypothesis import given
from tests.conftest import NETWORKS

from rexpand.blocks import MODULES, MODULES_LOOKING_BACK, build_block
from rexpand.cost.blocks import COSTS, COSTS_LOOKING_BACK, MAPS, MAPS_LOOKING_BACK
from rexpand.spec import CATALOGUE, KINDS, BlockSpec, network


def catalogue_blocks() -> dict[str, tuple[BlockSpec, int]]:
    """A block of each kind of the catalogue, and its input channels."""
    found = {}
    for name in CATALOGUE:
        spec = network(name)
        inputs = (spec.stem.out_channels, *spec.channels)
        for block, in_channels in zip(spec.blocks, inputs, strict=False):
            found.setdefault(block.kind, (block, in_channels))
    return found


BLOCKS = catalogue_blocks()


def test_every_kind_has_one_line_in_every_table():
    looking_back = {kind for kind in KINDS.values() if kind.looks_back}
    others = set(KINDS.values()) - looking_back

    assert set(COSTS) == set(MODULES) == others
    assert set(COSTS_LOOKING_BACK) == set(MODULES_LOOKING_BACK) == looking_back
    assert (set(MAPS), set(MAPS_LOOKING_BACK)) == (others, looking_back)


def test_a_kind_is_listed_under_the_name_that_its_files_have():
    for name, kind in KINDS.items():
        assert kind.__dataclass_fields__["kind"].default == name
        for room in ("spec.blocks", "cost.blocks", "blocks"):
            __import__(f"rexpand.{room}.{name}")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_block_answers_the_contract(kind):
    block, in_channels = BLOCKS[kind]

    block.check_input(in_channels)
    assert block.out_channels % block.channel_multiple == 0
    assert isinstance(block.joins(in_channels), bool)
    # A control changes what it names and nothing else.
    for position, activation in block.activations.items():
        assert block.with_activation(position, activation) == block
        assert block.with_activation(position, "elu") != block
    assert block.with_activation("nowhere", "elu") == block


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_rounding_and_relaxing_touch_inner_widths_alone(kind):
    block, in_channels = BLOCKS[kind]

    for changed in (block.relaxed(), block.rounded(4), block.also_rounded(4)):
        assert changed.out_channels == block.out_channels
        assert changed.activations == block.activations
        assert changed.joins(in_channels) == block.joins(in_channels)
    assert block.rounded(4).also_rounded(6) == block.rounded(12)
    assert block.relaxed().relaxed() == block.relaxed()
    assert not block.is_relaxed


@given(spec=NETWORKS)
def test_a_module_is_made_from_any_block(spec):
    inputs = (spec.stem.out_channels, *spec.channels)

    for block, in_channels in zip(spec.blocks, inputs, strict=False):
        built = build_block(block, in_channels)

        assert type(built) in (*MODULES.values(), *MODULES_LOOKING_BACK.values())
