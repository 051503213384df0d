"""MobileNetV1 (arXiv 1704.04861) and MobileNetV2 (arXiv 1801.04381).

Multipliers above 1 widen the head of V2; those below 1 do not change it. The papers
scale only widths; depth is scaled as in EfficientNet. timm's `mobilenetv2_110d` and
`120d` keep the stem, the head and the repeats of the first and last stage
(`fixed_ends`).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from rexpand.spec.blocks import DepthwiseSeparable, InvertedBottleneck
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.families.stages import (
    Stage,
    inverted,
    multiplied,
    multiplied_between_ends,
)
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# Table 1 of the paper; ReLU6 as in TensorFlow's release.
_V1 = (
    Stage(out_channels=64),
    Stage(repeats=2, out_channels=128, stride=2),
    Stage(repeats=2, out_channels=256, stride=2),
    Stage(repeats=6, out_channels=512, stride=2),
    Stage(repeats=2, out_channels=1024, stride=2),
)
_V1_BLOCK = DepthwiseSeparable(
    out_channels=1, depthwise_activation="relu6", pointwise_activation="relu6"
)

# Table 2 of the paper.
_V2 = (
    Stage(out_channels=16, expand_ratio=1),
    Stage(repeats=2, out_channels=24, stride=2, expand_ratio=6),
    Stage(repeats=3, out_channels=32, stride=2, expand_ratio=6),
    Stage(repeats=4, out_channels=64, stride=2, expand_ratio=6),
    Stage(repeats=3, out_channels=96, expand_ratio=6),
    Stage(repeats=3, out_channels=160, stride=2, expand_ratio=6),
    Stage(out_channels=320, expand_ratio=6),
)
_V2_BLOCK = InvertedBottleneck(out_channels=1, shortcut="identity")

_STEM, _HEAD = 32, 1280


def mobilenetv1(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """MobileNetV1: depthwise-separable blocks."""
    stages = tuple(
        tuple(
            replace(_V1_BLOCK, out_channels=stage.out_channels, stride=stride)
            for stride in stage.strides
        )
        for stage in _V1
    )
    return NetworkSpec(
        name=name,
        family="mobilenetv1",
        stem=Stem(out_channels=scaled(_STEM, width_mult)),
        blocks=multiplied(stages, width_mult=width_mult, depth_mult=depth_mult),
        head=Head(channels=0),
    )


def mobilenetv2(
    *,
    name: str,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    fixed_ends: bool = False,
) -> NetworkSpec:
    """MobileNetV2: inverted bottlenecks with identity shortcuts."""
    multiply = multiplied_between_ends if fixed_ends else multiplied
    blocks = multiply(
        inverted(_V2, _V2_BLOCK), width_mult=width_mult, depth_mult=depth_mult
    )
    stem_mult = 1.0 if fixed_ends else width_mult
    return NetworkSpec(
        name=name,
        family="mobilenetv2",
        stem=Stem(out_channels=scaled(_STEM, stem_mult)),
        blocks=blocks,
        head=Head(channels=scaled(_HEAD, max(stem_mult, 1.0))),
    )


_PAPER = "arXiv 1704.04861, Table 6"
_SLIM = "tensorflow/models, slim"
_TIMM = "timm"
_NO_NORM = "the source counts params without scales and shifts of batch norm"
_V2_100 = f"{_NO_NORM}, and rounds 300.8M macs down to 300M"


def _v1(width_mult: float, params: str, macs: str, top1: float) -> Entry:
    return Entry(
        build=partial(mobilenetv1, width_mult=width_mult),
        published=Published(params=params, macs=macs, top1=top1, source=_PAPER),
    )


def _v2(
    width_mult: float,
    params: str,
    macs: str,
    top1: float,
    fidelity: str = _NO_NORM,
    *,
    paper: float | None = None,
) -> Entry:
    published = Published(params=params, macs=macs, top1=top1, source=_SLIM)
    if paper is not None:
        published = published.beside_paper(paper, "arXiv 1801.04381, Table 4")
    return Entry(
        build=partial(mobilenetv2, width_mult=width_mult),
        published=published,
        fidelity=fidelity,
    )


def _deeper(width_mult: float, depth_mult: float, params: str, top1: float) -> Entry:
    return Entry(
        build=partial(
            mobilenetv2,
            width_mult=width_mult,
            depth_mult=depth_mult,
            fixed_ends=True,
        ),
        published=Published(params=params, top1=top1, source=_TIMM),
    )


ENTRIES: Mapping[str, Entry] = {
    "mobilenetv1_025": _v1(0.25, "0.5M", "41M", 50.6),
    "mobilenetv1_050": _v1(0.5, "1.3M", "149M", 63.7),
    "mobilenetv1_075": _v1(0.75, "2.6M", "325M", 68.4),
    "mobilenetv1_100": _v1(1.0, "4.2M", "569M", 70.6),
    "mobilenetv2_035": _v2(0.35, "1.66M", "59M", 60.3),
    "mobilenetv2_050": _v2(0.5, "1.95M", "97M", 65.4),
    "mobilenetv2_075": _v2(0.75, "2.61M", "209M", 69.8),
    "mobilenetv2_100": _v2(1.0, "3.47M", "300M", 71.8, _V2_100, paper=72.0),
    "mobilenetv2_110d": _deeper(1.1, 1.2, "4.5M", 75.052),
    "mobilenetv2_120d": _deeper(1.2, 1.4, "5.8M", 77.294),
    "mobilenetv2_130": _v2(1.3, "5.34M", "509M", 74.4),
    "mobilenetv2_140": _v2(1.4, "6.06M", "582M", 75.0, paper=74.7),
}
