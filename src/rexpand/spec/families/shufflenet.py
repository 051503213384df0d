"""ShuffleNetV1 (arXiv 1707.01083) and ShuffleNetV2 (arXiv 1807.11164)."""

from collections.abc import Mapping
from functools import partial
from itertools import accumulate
from math import ceil, floor

from rexpand.errors import SpecError
from rexpand.spec.blocks import ShuffleV1, ShuffleV2
from rexpand.spec.families.entry import Entry, Published
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
    """ShuffleNetV2 as in torchvision: each side of a stage's first unit outputs half.

    Stem and last 1x1 keep their width, except for the 1x1 from x2.0 on. Between the
    published widths, the stages are those of x1.0, scaled to multiples of 4.
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
    """24, and also 24 at x1.5, as in the authors' code and count (292M)."""
    return _STEM * (width_mult if width_mult < 1 else floor(width_mult))


def _up(width: float, multiple_of: int) -> int:
    return ceil(width / multiple_of) * multiple_of


_PAPER = "arXiv 1707.01083"
_TABLE_1 = f"{_PAPER}, Tables 1 and 2"
_TABLE_2 = f"{_PAPER}, Table 2"
_README = "megvii-model/ShuffleNet-Series README"
_TORCHVISION = "torchvision"
_V2_PAPER = "arXiv 1807.11164, Table 8"

_UNCLASSIFIED = "Table 1 counts macs without the classifier"
_NOMINAL = "the source prints one figure, 38M, for all groups"
_G3_100 = "the README prints 138M; the paper's Table 1 prints 137M, which is ours"
_NARROW = "the source prints one figure, 13M, for all groups, but not the stem's width"
_BOTTLENECK = (
    "a quarter of the published channels is not a multiple of the groups: the channels "
    "are rounded up until it is"
)
_UNPUBLISHED = "not published: the rules of g = 3 and g = 8"
_ANOTHERS = (
    "the authors publish no x0.75; by the rules of x0.5, as pytorchcv has it, whose "
    "params have the 1,000 biases of a classifier besides"
)
_BRANCH = (
    "torchvision's, where each side of a stage's first unit outputs half of the "
    "channels; in the authors' code the input's side keeps its width, hence their "
)


def _v1(
    groups: int,
    width_mult: float,
    published: Published,
    fidelity: str = "",
    *,
    reconstructed: bool = False,
) -> Entry:
    return Entry(
        build=partial(shufflenetv1, groups=groups, width_mult=width_mult),
        published=published,
        fidelity=fidelity,
        reconstructed=reconstructed,
    )


def _readme(
    groups: int,
    width_mult: float,
    params: str,
    macs: str,
    top1: float,
    fidelity: str = "",
    *,
    paper: float | None = None,
) -> Entry:
    published = Published(params=params, macs=macs, top1=top1, source=_README)
    if paper is not None:
        published = published.beside_paper(paper, _PAPER)
    return _v1(groups, width_mult, published, fidelity)


def _three_quarters(groups: int, params: str, top1: float) -> Entry:
    published = Published(params=params, top1=top1, source="pytorchcv README")
    return _v1(groups, 0.75, published, _ANOTHERS, reconstructed=True)


def _x1(groups: int, macs: str, top1: float, fidelity: str = "") -> Entry:
    published = Published(macs=macs, top1=top1, source=_TABLE_1)
    return _v1(groups, 1.0, published, fidelity)


def _half(groups: int, top1: float, fidelity: str, reconstructed: bool) -> Entry:
    published = Published(macs="38M", top1=top1, source=_TABLE_2)
    return _v1(groups, 0.5, published, fidelity, reconstructed=reconstructed)


def _quarter(groups: int, top1: float) -> Entry:
    published = Published(macs="13M", top1=top1, source=_TABLE_2)
    return _v1(groups, 0.25, published, _NARROW, reconstructed=True)


def _by_rule(groups: int, width_mult: float) -> Entry:
    published = Published(source=_PAPER)
    return _v1(groups, width_mult, published, _UNPUBLISHED, reconstructed=True)


def _v2(
    width_mult: float, params: str, macs: str, top1: float, theirs: str, paper: float
) -> Entry:
    published = Published(params=params, macs=macs, top1=top1, source=_TORCHVISION)
    return Entry(
        build=partial(shufflenetv2, width_mult=width_mult),
        published=published.beside_paper(paper, _V2_PAPER),
        fidelity=_BRANCH + theirs,
    )


ENTRIES: Mapping[str, Entry] = {
    "shufflenetv1_g1_025": _quarter(1, 42.9),
    "shufflenetv1_g2_025": _quarter(2, 43.2),
    "shufflenetv1_g3_025": _quarter(3, 45.0),
    "shufflenetv1_g4_025": _quarter(4, 45.8),
    "shufflenetv1_g8_025": _quarter(8, 47.3),
    "shufflenetv1_g1_050": _half(1, 54.9, _NOMINAL, False),
    "shufflenetv1_g2_050": _half(2, 55.6, f"{_NOMINAL}; {_BOTTLENECK}", True),
    "shufflenetv1_g3_050": _readme(3, 0.5, "0.7M", "38M", 57.3, paper=56.8),
    "shufflenetv1_g4_050": _half(4, 58.4, f"{_NOMINAL}; {_BOTTLENECK}", True),
    "shufflenetv1_g8_050": _readme(8, 0.5, "1.0M", "40M", 58.8, paper=57.7),
    "shufflenetv1_g1_075": _three_quarters(1, "0.975214M", 60.42),
    "shufflenetv1_g3_075": _three_quarters(3, "1.238266M", 61.80),
    "shufflenetv1_g1_100": _x1(1, "143M", 66.4),
    "shufflenetv1_g2_100": _x1(2, "140M", 67.3, _UNCLASSIFIED),
    "shufflenetv1_g3_100": _readme(3, 1.0, "1.9M", "138M", 67.8, _G3_100, paper=67.4),
    "shufflenetv1_g4_100": _x1(4, "133M", 67.2, _UNCLASSIFIED),
    "shufflenetv1_g8_100": _readme(8, 1.0, "2.4M", "138M", 68.0, paper=67.6),
    "shufflenetv1_g1_150": _by_rule(1, 1.5),
    "shufflenetv1_g2_150": _by_rule(2, 1.5),
    "shufflenetv1_g3_150": _readme(3, 1.5, "3.4M", "292M", 71.6, paper=71.5),
    "shufflenetv1_g4_150": _by_rule(4, 1.5),
    "shufflenetv1_g8_150": _readme(8, 1.5, "4.3M", "290M", 71.0),
    "shufflenetv1_g1_200": _by_rule(1, 2.0),
    "shufflenetv1_g2_200": _by_rule(2, 2.0),
    "shufflenetv1_g3_200": _readme(3, 2.0, "5.4M", "524M", 74.1, paper=73.7),
    "shufflenetv1_g4_200": _by_rule(4, 2.0),
    "shufflenetv1_g8_200": _readme(8, 2.0, "6.5M", "522M", 72.9),
    "shufflenetv2_050": _v2(0.5, "1.366792M", "0.04B", 60.552, "41M macs", 60.3),
    "shufflenetv2_100": _v2(1.0, "2.278604M", "0.145B", 69.362, "146M macs", 69.4),
    "shufflenetv2_150": _v2(1.5, "3.503624M", "0.296B", 72.996, "299M macs", 72.6),
    "shufflenetv2_200": _v2(2.0, "7.393996M", "0.583B", 76.230, "591M macs", 74.9),
}
