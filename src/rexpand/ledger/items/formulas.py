"""Formulas: the line of channels, Figure A2, and MobileNet's cost of a separable layer."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from rexpand.cost import block_cost
from rexpand.cost.blocks import LookBack
from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, agreed, counted
from rexpand.size import Size
from rexpand.spec import Convolution, DepthwiseSeparable, network

_SIDE = 14  # pixels; ratios do not depend on it

# Figure A2 (a), and the table of the first version: output channels of ReXNet x1.0.
_X10 = (16, 27, 38, 50, 61, 72, 84, 95, 106, 117, 128, 140, 151, 162, 174, 185)
_PLAIN = (96, 144, 192, 240, 288, 336, 384, 432, 480, 528, 576, 624, 1024)

_WIDTHS = {
    f"rexnet_{percent:03}": percent / 100
    for percent in (90, 100, 110, 120, 130, 140, 150, 200, 220, 300)
}


def _line(root: Path) -> Reading:
    """c_i = a i + b of the release: a = 180 / 16 and b = 16, times the width."""
    rows = []
    for name, width in _WIDTHS.items():
        # Below 1 the first block keeps its 16 channels.
        start = 16 * max(width, 1.0)
        line = tuple(round(start + 11.25 * i * width) for i in range(16))
        ours = network(name).channels
        rows.append(
            agreed(
                f"channels of {name}",
                f"round({start:g} + {11.25 * width:g} i), i = 0 to 15",
                ours == line,
                "" if ours == line else f"ours are {'-'.join(map(str, ours))}",
            )
        )
    return Reading(rows=tuple(rows))


def _figure_a2(root: Path) -> Reading:
    rexnet, plain = network("rexnet_100"), network("rexnet_plain")
    return Reading(
        rows=(
            agreed("x1.0: channels", "-".join(map(str, _X10)), rexnet.channels == _X10),
            counted(
                "x1.0: channels of the stem", "32", rexnet.stem.out_channels, "channels"
            ),
            counted(
                "x1.0: channels of the last 1x1",
                "1280",
                rexnet.head.channels,
                "channels",
            ),
            agreed(
                "plain: channels",
                "-".join(map(str, _PLAIN)),
                plain.channels == _PLAIN,
                "the figure prints 114 for the second block, the table 144",
            ),
        )
    )


def _separable(root: Path) -> Reading:
    return Reading(rows=tuple(_ratios()))


def _ratios() -> Iterator[Row]:
    """Depthwise and pointwise over full convolution: 1 / N + 1 / D^2, exactly."""
    for width in (64, 256, 1024):
        for side in (3, 5):
            full = _macs(Convolution(out_channels=width, kernel_size=side), width)
            separable = _macs(
                DepthwiseSeparable(out_channels=width, kernel_size=side), width
            )
            ratio = Fraction(separable, full)
            said = Fraction(1, width) + Fraction(1, side * side)
            yield agreed(
                f"macs of a separable {side}x{side} over a full one, {width} channels",
                f"1/{width} + 1/{side * side}",
                ratio == said,
                f"ours is {float(ratio):.4f}",
            )


def _macs(block: Convolution | DepthwiseSeparable, width: int) -> int:
    """Of one block that outputs as many channels as it takes, exactly."""
    size = Size.of(_SIDE)
    return int(block_cost(block, width, width, size, LookBack(width, size)).macs)


_PAPER = "arXiv 2007.00992"

ITEMS = (
    counted_item(
        "formula-line",
        "c_i = a i + b",
        f"{_PAPER}, Section 4, and the release",
        "the release's line, block by block",
        _line,
    ),
    counted_item(
        "figure-a2",
        "architectures of ReXNet and ReXNet (plain)",
        f"{_PAPER}, Figure A2",
        "channels are compared",
        _figure_a2,
    ),
    counted_item(
        "mobilenet-formula",
        "cost of a depthwise-separable convolution",
        "arXiv 1704.04861, Section 3.1",
        "ratios of counts, as fractions",
        _separable,
    ),
)
