"""The ReXNet family (arXiv 2007.00992, Appendix B; the official release of 2020-07).

The channels of block i, counted from 0, are (16 + 11.25 i) width_mult: slope and
intercept are 180 / 16 and 16 at depth_mult 1. For width_mult below 1 the stem and the
first block keep 32 and 16 channels; above 1 the stem is scaled like the rest.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import accumulate

from rexpand.spec.blocks import DepthwiseSeparable, InvertedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.head import Head
from rexpand.spec.multipliers import check_multiplier, repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.rounding import nearest_multiple
from rexpand.spec.stem import Stem

_REPEATS = (1, 2, 2, 3, 3, 5)  # blocks per stage
_STRIDES = (1, 2, 2, 2, 1, 2)  # of the first block of each stage
_PLAIN_STRIDES = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)  # MobileNetV1's
_PLAIN_FIRST, _PLAIN_LAST = 96, 624  # the line of the plain network
_PLAIN_TOP = 1024  # its last block
_FIRST_SQUEEZED_STAGE = 2
_RISE = 180  # channels gained from the first block to one past the last
_LITE_RISE = 164  # ... to the last, in the lite release


def rexnet(
    *,
    name: str,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    multiple_of: int = 1,
    squeeze_excite: bool = True,
) -> NetworkSpec:
    """ReXNet; with `multiple_of` above 1, timm's `rexnetr_*`."""
    check_multiplier("width_mult", width_mult)
    repeats = [repeated(repeat, depth_mult) for repeat in _REPEATS]
    strides, stages = _unrolled(repeats)
    widths = _line(_RISE / sum(repeats), width_mult, len(stages))
    squeeze = SqueezeExcite(
        reduction=12, multiple_of=multiple_of, norm=True, position="before_activation"
    )
    blocks = tuple(
        InvertedBottleneck(
            out_channels=_whole(width * width_mult, multiple_of),
            stride=stride,
            expand_ratio=1 if stage == 0 else 6,
            expand_multiple=multiple_of,
            expand_activation="silu",
            squeeze_excite=squeeze
            if squeeze_excite and stage >= _FIRST_SQUEEZED_STAGE
            else None,
        )
        for width, stride, stage in zip(widths, strides, stages, strict=True)
    )
    return NetworkSpec(
        name=name,
        family="rexnet",
        stem=Stem(
            out_channels=_whole(32 * max(width_mult, 1.0), multiple_of),
            activation="silu",
        ),
        blocks=blocks,
        head=Head(channels=_head_channels(width_mult, multiple_of), activation="silu"),
    )


def rexnet_lite(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """ReXNet-lite: no squeeze-excite, ReLU6, multiples of 8, a second 1x1 of 1,024.

    The release adds 164 / 15 per block: it divides by the number of blocks less one,
    where ReXNet divides by the number of blocks.
    """
    check_multiplier("width_mult", width_mult)
    strides, stages = _unrolled([repeated(n, depth_mult) for n in _REPEATS])
    widths = _line(_LITE_RISE / (len(stages) - 1), width_mult, len(stages))
    blocks = tuple(
        InvertedBottleneck(
            out_channels=_whole(width * width_mult, 8),
            stride=stride,
            expand_ratio=1 if stage == 0 else 6,
        )
        for width, stride, stage in zip(widths, strides, stages, strict=True)
    )
    return NetworkSpec(
        name=name,
        family="rexnet_lite",
        stem=Stem(out_channels=_whole(32 * max(width_mult, 1.0), 8)),
        blocks=blocks,
        head=Head(channels=int(1280 * max(width_mult, 1.0)), hidden=1024),
    )


def rexnet_plain(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """ReXNet (plain): MobileNetV1's layout with a line of channels, no shortcuts.

    The paper has only one width and depth. Here widths are multiples of 8; a deeper
    network rises from 96 to 624 in smaller steps, and its added blocks have stride 1.
    """
    strides = [
        stride if index == 0 else 1
        for stride in _PLAIN_STRIDES
        for index in range(repeated(1, depth_mult))
    ]
    rising = len(strides) - 1
    step = (_PLAIN_LAST - _PLAIN_FIRST) / (rising - 1)
    widths = [_PLAIN_FIRST + step * index for index in range(rising)] + [_PLAIN_TOP]
    blocks = tuple(
        DepthwiseSeparable(
            out_channels=scaled(width, width_mult),
            stride=stride,
            pointwise_activation="silu",
        )
        for width, stride in zip(widths, strides, strict=True)
    )
    return NetworkSpec(
        name=name,
        family="rexnet_plain",
        stem=Stem(out_channels=scaled(32, width_mult), activation="silu"),
        blocks=blocks,
        head=Head(channels=0),
    )


def _line(step: float, width_mult: float, blocks: int) -> tuple[float, ...]:
    """Widths before `width_mult`, summed block by block as in the release.

    The last bit of the sum decides ties: 83.5 becomes 84 at x0.6, where the product of
    block and step is slightly smaller.
    """
    steps = [step] * (blocks - 1)
    return tuple(accumulate(steps, initial=max(16 / width_mult, 16)))


def _unrolled(repeats: Sequence[int]) -> tuple[list[int], list[int]]:
    """Stride and stage of every block."""
    stages = [stage for stage, repeat in enumerate(repeats) for _ in range(repeat)]
    first = {sum(repeats[:stage]) for stage in range(len(repeats))}
    strides = [
        _STRIDES[stage] if index in first else 1 for index, stage in enumerate(stages)
    ]
    return strides, stages


def _whole(width: float, multiple_of: int) -> int:
    """Rounded half to even (the release's `int(round(...))`), then to the multiple."""
    return int(nearest_multiple(round(width), multiple_of))


def _head_channels(width_mult: float, multiple_of: int) -> int:
    # The release truncates (1,152 at x0.9), timm's variant rounds to the multiple.
    return int(nearest_multiple(int(1280 * width_mult), multiple_of))


_TABLE_5 = "arXiv 2007.00992, Table 5"
_TABLE_A1 = "arXiv 2007.00992, Appendix B.3"
_README = "clovaai/rexnet README"
_TIMM = "timm 1.0"

_CUT = "the source rounds 34.71M down to 34M, but all others to the nearest"
_LITE_130 = "the source prints 6.8M for 6.748M, which rounds to 6.7M"
_PLAIN = (
    "strides of MobileNetV1 and no 1x1 of 1,280: as the source draws it (stride 2 in "
    "the first block, a 1x1 of 1,280) it would cost 0.44B macs and 5.0M params"
)


def _rexnet(
    width_mult: float,
    params: str,
    macs: str,
    top1: float,
    source: str,
    fidelity: str = "",
) -> Entry:
    return Entry(
        build=partial(rexnet, width_mult=width_mult),
        published=Published(params=params, macs=macs, top1=top1, source=source),
        fidelity=fidelity,
    )


def _lite(
    width_mult: float, params: str, macs: str, top1: float, fidelity: str = ""
) -> Entry:
    return Entry(
        build=partial(rexnet_lite, width_mult=width_mult),
        published=Published(params=params, macs=macs, top1=top1, source=_README),
        fidelity=fidelity,
    )


def _rounded(width_mult: float, multiple_of: int, published: Published) -> Entry:
    return Entry(
        build=partial(rexnet, width_mult=width_mult, multiple_of=multiple_of),
        published=published,
    )


ENTRIES: Mapping[str, Entry] = {
    "rexnet_090": _rexnet(0.9, "4.1M", "0.35B", 77.2, _TABLE_5),
    "rexnet_100": _rexnet(1.0, "4.8M", "0.40B", 77.9, _TABLE_5),
    "rexnet_110": _rexnet(1.1, "5.6M", "0.48B", 78.6, _TABLE_A1),
    "rexnet_120": _rexnet(1.2, "6.6M", "0.57B", 79.0, _TABLE_A1),
    "rexnet_130": _rexnet(1.3, "7.6M", "0.66B", 79.5, _TABLE_5),
    "rexnet_140": _rexnet(1.4, "8.6M", "0.76B", 79.8, _TABLE_A1),
    "rexnet_150": _rexnet(1.5, "9.7M", "0.9B", 80.3, _TABLE_5),
    "rexnet_200": _rexnet(2.0, "16M", "1.5B", 81.6, _TABLE_5),
    "rexnet_220": _rexnet(2.2, "19M", "1.8B", 81.7, _TABLE_A1),
    "rexnet_300": _rexnet(3.0, "34M", "3.4B", 82.8, _TABLE_A1, _CUT),
    "rexnet_lite_100": _lite(1.0, "4.7M", "0.41B", 76.2),
    "rexnet_lite_130": _lite(1.3, "6.8M", "0.65B", 77.8, _LITE_130),
    "rexnet_lite_150": _lite(1.5, "8.3M", "0.84B", 78.6),
    "rexnet_lite_200": _lite(2.0, "13M", "1.5B", 80.2),
    "rexnet_plain": Entry(
        build=rexnet_plain,
        published=Published(params="3.4M", macs="0.56B", top1=74.8, source=_TABLE_A1),
        fidelity=_PLAIN,
    ),
    "rexnetr_100": _rounded(1.0, 8, Published(params="4.88M", source=_TIMM)),
    "rexnetr_130": _rounded(1.3, 8, Published(params="7.61M", source=_TIMM)),
    "rexnetr_150": _rounded(1.5, 8, Published(params="9.78M", source=_TIMM)),
    "rexnetr_200": _rounded(
        2.0, 8, Published(params="16.52M", top1=82.602, source=_TIMM)
    ),
    "rexnetr_300": _rounded(
        3.0, 16, Published(params="34.81M", top1=84.036, source=_TIMM)
    ),
}
