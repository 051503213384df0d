"""DARTS, P-DARTS and FairDARTS-B on ImageNet: where their cells stand."""

import pytest

from rexpand.cost import cost_of
from rexpand.errors import SpecError
from rexpand.spec import Cell, network, with_output_stride


def test_cells_double_at_one_and_two_thirds():
    spec = network("fairdarts_b")

    # Two convolutions, then 14 cells of four nodes.
    assert spec.channels == (48, 48) + (192,) * 4 + (384,) * 5 + (768,) * 5
    assert [index for index, block in enumerate(spec.blocks) if block.stride == 2] == [
        0, 1, 6, 11
    ]  # fmt: skip
    assert spec.sizes()[1] == 28
    assert spec.sizes()[-1] == 7


@pytest.mark.parametrize("width_mult", [0.25, 0.5, 1.4])
def test_every_width_follows_the_first(width_mult):
    spec = network("fairdarts_b", width_mult=width_mult)
    width = spec.channels[0]

    assert width % 8 == 0
    assert spec.stem.out_channels == width // 2
    assert {block.out_channels // width for block in spec.blocks[2:]} == {4, 8, 16}


def test_depth_counts_cells():
    spec = network("fairdarts_b", depth_mult=0.5)

    strided = [block.stride for block in spec.blocks if isinstance(block, Cell)]

    assert strided == [1, 1, 2, 1, 2, 1, 1]


def test_the_map_before_a_stride_is_reduced_after_it():
    spec = network("fairdarts_b")

    factorized = [
        index
        for index, block in enumerate(spec.blocks)
        if isinstance(block, Cell) and block.before_layer == "factorized"
    ]

    # After the stem's last convolution, and after both cells of stride 2.
    assert factorized == [2, 7, 12]


def test_a_smaller_output_stride_dilates_the_cells():
    spec = with_output_stride(network("fairdarts_b"), 16)

    assert [block.dilation for block in spec.blocks[-3:]] == [2, 2, 2]
    assert spec.sizes()[-1] == 14


def test_channels_that_its_nodes_cannot_share_are_refused():
    spec = network("fairdarts_b")

    with pytest.raises(SpecError, match="194 channels cannot be shared by the 4 nodes"):
        spec.with_channels((48, 48, 194, *spec.channels[3:]))


def test_darts_and_pdarts_have_the_params_of_their_releases():
    # 4,718,752 is pytorchcv's count of DARTS too; both papers' params hold.
    assert cost_of(network("darts")).params == 4_718_752
    assert cost_of(network("pdarts")).params == 4_944_352


def test_the_networks_differ_in_their_edges_alone():
    darts, pdarts, fair = (network(n) for n in ("darts", "pdarts", "fairdarts_b"))

    assert darts.channels == pdarts.channels == fair.channels
    assert darts.stem == pdarts.stem == fair.stem
    edges = {spec.blocks[2].edges for spec in (darts, pdarts, fair)}
    assert len(edges) == 3
