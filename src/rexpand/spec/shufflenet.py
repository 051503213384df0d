"""ShuffleNetV1 (arXiv 1707.01083) and ShuffleNetV2 (arXiv 1807.11164)."""

from itertools import accumulate
from math import ceil, floor

from rexpand.errors import SpecError
from rexpand.spec.blocks import ShuffleV1, ShuffleV2
from rexpand.spec.head import Head
from rexpand.spec.multipliers import check_multiplier, repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

_REPEATS = (4, 8, 4)  # units of the stages, the first of each with stride 2
_STEM = 24

# Channels of the first stage by groups; each stage doubles them (V1, Table 1).
_V1 = {1: 144, 2: 200, 3: 240, 4: 272, 8: 384}

# Channels of the stages and of the last 1x1 by width (V2, Table 5).
_V2 = {
    0.5: (48, 96, 192, 1024),
    1.0: (116, 232, 464, 1024),
    1.5: (176, 352, 704, 1024),
    2.0: (244, 488, 976, 2048),
}


def shufflenetv1(
    *, name: str, groups: int = 3, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """ShuffleNetV1; widths are rounded up until the groups divide them.

    A bottleneck is a quarter of the outputs, so they are multiples of four times the
    groups. The classifier has no bias, as in the authors' code.
    """
    check_multiplier("width_mult", width_mult)
    if groups not in _V1:
        raise SpecError(
            f"groups {groups} have no channels in ShuffleNetV1's Table 1; choose from "
            f"{', '.join(map(str, _V1))}"
        )
    widths = [
        _up(width * width_mult, 4 * groups)
        for width in accumulate((_V1[groups], 2, 2), lambda width, by: width * by)
    ]
    blocks = tuple(
        ShuffleV1(
            out_channels=width,
            stride=1 if index else 2,
            groups=groups,
            # The stem is too narrow for groups (Section 3.2).
            reduce_groups=groups if stage or index else 1,
            shortcut="identity" if index else "concatenate",
        )
        for stage, (width, repeats) in enumerate(zip(widths, _REPEATS, strict=True))
        for index in range(repeated(repeats, depth_mult))
    )
    return NetworkSpec(
        name=name,
        family="shufflenetv1",
        stem=_stem(_up(_stem_width(width_mult), groups)),
        blocks=blocks,
        head=Head(channels=0, activation="relu", dropout=0, bias=False),
    )


def shufflenetv2(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """ShuffleNetV2 as torchvision has it: either side of a stage's first unit makes half.

    Stem and last 1x1 keep their width but for x2.0's 1x1. Between the published widths
    the stages are those of x1.0, multiplied and rounded to multiples of 4.
    """
    check_multiplier("width_mult", width_mult)
    *widths, last = _V2.get(width_mult) or (
        *(scaled(width, width_mult, 4) for width in _V2[1.0][:-1]),
        1024 if width_mult < 2 else 2048,
    )
    blocks = tuple(
        ShuffleV2(out_channels=width, stride=1 if index else 2, split=index > 0)
        for width, repeats in zip(widths, _REPEATS, strict=True)
        for index in range(repeated(repeats, depth_mult))
    )
    return NetworkSpec(
        name=name,
        family="shufflenetv2",
        stem=_stem(_STEM),
        blocks=blocks,
        head=Head(channels=last, activation="relu", dropout=0),
    )


def _stem(width: int) -> Stem:
    return Stem(out_channels=width, activation="relu", pool_stride=2)


def _stem_width(width_mult: float) -> float:
    """24, and 24 at x1.5 too: the authors' code and counts (292M) have it so."""
    return _STEM * (width_mult if width_mult < 1 else floor(width_mult))


def _up(width: float, multiple_of: int) -> int:
    return ceil(width / multiple_of) * multiple_of
