"""NASNet-A, AmoebaNet-A and PNASNet-5 in the mobile setting: their cells in order."""

from dataclasses import replace

import pytest

from rexpand.cost import cost_of
from rexpand.spec import (
    NetworkSpec,
    amoebanet_a,
    nasnet_a,
    network,
    pnasnet_5,
    with_output_stride,
)

FAMILIES = (nasnet_a, amoebanet_a, pnasnet_5)


def strides(spec: NetworkSpec) -> str:
    return "".join(str(block.stride) for block in spec.blocks)


def test_stages_are_four_cells_and_one_of_stride_2():
    spec = network("nasnet_a")

    # 4 @ 1056: six parts of 44, 88 and 176 channels.
    assert strides(spec) == "22" + "1111" + "21111" + "21111"
    assert spec.channels[2] == 6 * 44
    assert spec.channels[-1] == 1056
    assert spec.sizes() == (56, 28, *[28] * 4, *[14] * 5, *[7] * 5)


def test_pnasnet_has_one_cell_at_both_strides():
    spec = network("pnasnet_5")

    assert strides(spec) == "22" + "111" + "211" + "211"
    assert spec.channels[:3] == (5 * 13, 5 * 27, 5 * 54)
    assert len({len(block.edges) for block in spec.blocks}) == 1


def test_amoebanets_channels_fall_after_a_stride():
    spec = network("amoebanet_a")

    # Five parts at stride 2, four at stride 1.
    assert spec.channels[5:8] == (4 * 50, 5 * 100, 4 * 100)
    assert not spec.non_decreasing


def test_only_the_last_cell_has_an_activation_after_it():
    for name in ("nasnet_a", "amoebanet_a", "pnasnet_5"):
        *others, last = network(name).blocks
        assert {block.output_activation for block in others} == {"linear"}
        assert last.output_activation == "relu"


def test_pnasnet_would_print_its_macs_with_a_padded_stem():
    spec = network("pnasnet_5")

    padded = replace(spec, stem=replace(spec.stem, padded=True))

    # What the fidelity note says: 587.3M, and 587.6M, which rounds to the printed 588M.
    assert round(cost_of(spec).macs / 1e6, 1) == 587.3
    assert round(cost_of(padded).macs / 1e6, 1) == 587.6


@pytest.mark.parametrize("build", FAMILIES)
@pytest.mark.parametrize("width_mult", [0.1, 0.5, 2.0])
def test_widths_follow_the_multiplier(build, width_mult):
    thin = build(name="thin", width_mult=width_mult)
    plain = build(name="plain")

    assert strides(thin) == strides(plain)
    ratio = thin.channels[-1] / plain.channels[-1]
    assert ratio == pytest.approx(width_mult, rel=0.2)


@pytest.mark.parametrize(("build", "cells"), [(nasnet_a, 12), (pnasnet_5, 9)])
def test_depth_is_counted_in_cells_of_a_stage(build, cells):
    plain, deep = build(name="plain"), build(name="deep", depth_mult=2.0)

    assert deep.depth == plain.depth + cells
    assert deep.sizes()[-1] == 7


def test_a_smaller_output_stride_dilates_the_cells():
    spec = with_output_stride(network("nasnet_a"), 16)

    assert spec.blocks[-1].dilation == 2
    assert spec.sizes()[-1] == 14
