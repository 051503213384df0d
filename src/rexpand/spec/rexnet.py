"""The ReXNet family (arXiv 2007.00992, Appendix B; the official release of 2020-07).

The channels of block i, counted from 0, are (16 + 11.25 i) width_mult: slope and
intercept are 180 / 16 and 16 at depth_mult 1. For width_mult below 1 the stem and the
first block keep 32 and 16 channels; above 1 the stem grows with the rest.
"""

from collections.abc import Sequence
from itertools import accumulate

from rexpand.spec.blocks import DepthwiseSeparable, InvertedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import check_multiplier, repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.rounding import nearest_multiple
from rexpand.spec.stem import Stem

_REPEATS = (1, 2, 2, 3, 3, 5)  # blocks a stage
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

    The release adds 164 / 15 a block: it divides by the number of blocks less one,
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

    The paper has one width and depth of it: multiples of 8, and a deeper network climbs
    from 96 to 624 in smaller steps, its added blocks at stride 1.
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
    """Widths before `width_mult`, summed up block by block as the release does.

    The last bit of the sum decides ties: 83.5 becomes 84 at x0.6, where the product of
    block and step falls just short of it.
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
    """Half to even, then to the multiple: the release's `int(round(...))`."""
    return int(nearest_multiple(round(width), multiple_of))


def _head_channels(width_mult: float, multiple_of: int) -> int:
    # The release truncates (1,152 at x0.9), timm's variant rounds to the multiple.
    return int(nearest_multiple(int(1280 * width_mult), multiple_of))
