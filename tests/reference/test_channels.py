"""The channel rules of the releases, block by block."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models._utils import _make_divisible

from rexpand.cost import part_costs
from rexpand.spec import network, rexnet, rexnet_lite, search_network

# The official code's channels, worked out by hand for eleven widths.
ROWS = [
    row
    for row in json.loads((Path(__file__).parent / "rexnet_family.json").read_text())
    if "channels" in row
]
HUNDREDTHS = st.integers(30, 400).map(lambda hundredths: hundredths / 100)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["variant"])
def test_channels_are_those_of_the_official_code(row):
    spec = rexnet(name="rexnet", width_mult=float(row["variant"]))

    assert list(spec.channels) == row["channels"]
    assert spec.head.channels == row["head"]


@pytest.mark.parametrize(
    ("block", "width", "channels"), [(2, 38.5, 38), (6, 83.5, 84), (10, 128.5, 128)]
)
def test_halves_are_rounded_to_even(block, width, channels):
    # The line gives exactly a half, and Python's round takes the even neighbour.
    assert 16 + 11.25 * block == width
    assert network("rexnet_100").channels[block] == channels


@pytest.mark.parametrize("width_mult", [0.3, 0.6, 0.9, 1.0])
def test_stem_and_first_block_never_shrink(width_mult):
    spec = rexnet(name="thin", width_mult=width_mult)

    # 32 and 16 below x1.0 too (clovaai/rexnet#33); the head shrinks.
    assert spec.stem.out_channels == 32
    assert spec.channels[0] == 16
    assert spec.head.channels == int(1280 * width_mult)


@pytest.mark.parametrize(("width_mult", "stem"), [(1.3, 42), (2.0, 64), (3.0, 96)])
def test_the_stem_grows_above_one(width_mult, stem):
    # The paper's text has it at 32; the official code and every printed count have not.
    assert rexnet(name="wide", width_mult=width_mult).stem.out_channels == stem


def summed(step: float, width_mult: float) -> list[float]:
    """The release's loop: a running sum, multiplied and rounded block by block."""
    base = 16 / width_mult if width_mult < 1 else 16.0
    widths = []
    for _ in range(16):
        widths.append(base * width_mult)
        base += step
    return widths


@given(width_mult=HUNDREDTHS)
def test_every_width_rounds_as_the_release_does(width_mult):
    spec = rexnet(name="rexnet", width_mult=width_mult)

    # Ties hang on the last bit of the running sum: 83.5 is 84 at x0.6.
    assert list(spec.channels) == [round(width) for width in summed(11.25, width_mult)]


@given(width_mult=HUNDREDTHS)
def test_lite_adds_164_fifteenths_a_block_in_multiples_of_8(width_mult):
    spec = rexnet_lite(name="lite", width_mult=width_mult)

    # 16 to 180 at x1.0: divided by the blocks less one, unlike ReXNet's 180 / 16.
    assert list(spec.channels) == [
        _make_divisible(round(width), 8) for width in summed(164 / 15, width_mult)
    ]


def test_lite_keeps_stem_first_block_and_head_below_one():
    spec = rexnet_lite(name="thin", width_mult=0.5)

    assert (spec.stem.out_channels, spec.channels[0], spec.head.channels) == (
        32,
        16,
        1280,
    )


def test_lite_has_the_channels_of_its_release():
    # By hand from 16 + 164 i / 15, to the nearest multiple of 8.
    assert network("rexnet_lite_100").channels == (
        16, 32, 40, 48, 64, 72, 80, 96, 104, 112, 128, 136, 144, 160, 168, 184
    )  # fmt: skip


@settings(deadline=None)
@given(width_mult=HUNDREDTHS, multiple_of=st.sampled_from([8, 16]))
def test_rounded_rexnet_is_timms(width_mult, multiple_of):
    rexnet_of_timm = pytest.importorskip("timm.models.rexnet")

    spec = rexnet(name="rexnetr", width_mult=width_mult, multiple_of=multiple_of)

    # timm's own generator of channels, expansions and strides.
    rows = rexnet_of_timm._block_cfg(width_mult, se_ratio=1 / 12, ch_div=multiple_of)
    assert [
        (block.out_channels, block.expand_ratio, block.stride) for block in spec.blocks
    ] == [row[:3] for row in rows]
    assert [bool(block.squeeze_excite) for block in spec.blocks] == [
        row[3] > 0 for row in rows
    ]


def test_rexnet_x10_has_the_layers_of_the_paper():
    spec = network("rexnet_100")

    sizes = [part.size.side for part in part_costs(spec)]

    # arXiv 2007.00992v1, the table of ReXNet x1.0: map sizes, strides, squeeze-excite.
    assert sizes == [112, 112, 56, 56, 28, 28, *[14] * 6, *[7] * 5, 7, 1]
    strided = [index for index, block in enumerate(spec.blocks) if block.stride == 2]
    assert strided == [1, 3, 5, 11]
    squeezed = [bool(block.squeeze_excite) for block in spec.blocks]
    assert squeezed == [False] * 3 + [True] * 13


@given(blocks=st.integers(3, 40))
def test_search_networks_have_strides_at_a_third_and_two_thirds(blocks):
    spec = search_network(name="searched", channels=range(16, 16 + blocks))

    strided = [index for index, block in enumerate(spec.blocks) if block.stride == 2]

    assert strided == [blocks // 3, 2 * (blocks // 3)]


@pytest.mark.parametrize("name", ["search_18", "search_30", "search_42"])
def test_search_networks_have_the_depth_of_their_name(name):
    spec = network(name)

    # Three layers a block, stem, penultimate and classifier.
    assert 3 * spec.depth + 3 == int(name.removeprefix("search_"))
