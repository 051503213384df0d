"""FairNAS A, B and C (arXiv 1907.01845), plain and with squeeze-excite.

The layers are those of the authors' release. The squeeze-excite's width is half of the
block's inputs; with it the blocks have SiLU, the rest of the network ReLU. The paper
has no multipliers: here widths are scaled to multiples of 8, the head keeps its width,
and depth is scaled as in EfficientNet.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from rexpand.spec.blocks import Activation, InvertedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.families.stages import Stage, inverted, multiplied
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

Variant = Literal["a", "b", "c"]

_FIRST = (Stage(out_channels=16, expand_ratio=1),)
_A = (
    Stage(out_channels=32, stride=2, kernel_size=(7, 3), expand_ratio=3),
    Stage(
        out_channels=40, stride=2, kernel_size=(7, 3, 7, 3), expand_ratio=(3, 6, 6, 3)
    ),
    Stage(
        out_channels=80, stride=2, kernel_size=(3, 7, 7, 5), expand_ratio=(3, 6, 6, 3)
    ),
    Stage(out_channels=96, kernel_size=(3, 5, 5, 3), expand_ratio=(6, 3, 3, 6)),
    Stage(out_channels=192, stride=2, kernel_size=(3, 7, 3, 7), expand_ratio=6),
    Stage(out_channels=320, kernel_size=5, expand_ratio=6),
)
_B = (
    Stage(out_channels=32, stride=2, kernel_size=(5, 3), expand_ratio=3),
    Stage(
        out_channels=40, stride=2, kernel_size=(5, 3, 3, 5), expand_ratio=(3, 3, 6, 3)
    ),
    Stage(
        out_channels=80, stride=2, kernel_size=(7, 3, 3, 5), expand_ratio=(3, 3, 6, 3)
    ),
    Stage(out_channels=96, kernel_size=(3, 3, 7, 3), expand_ratio=(3, 6, 3, 3)),
    Stage(out_channels=192, stride=2, kernel_size=(7, 5, 7, 3), expand_ratio=6),
    Stage(out_channels=320, kernel_size=5, expand_ratio=6),
)
_C = (
    Stage(out_channels=32, stride=2, kernel_size=(5, 3), expand_ratio=3),
    Stage(out_channels=40, stride=2, kernel_size=(7, 3, 3, 3), expand_ratio=3),
    Stage(out_channels=80, stride=2, expand_ratio=(3, 3, 3, 6)),
    Stage(repeats=4, out_channels=96, expand_ratio=3),
    Stage(out_channels=192, stride=2, kernel_size=(7, 7, 3, 3), expand_ratio=6),
    Stage(out_channels=320, kernel_size=5, expand_ratio=6),
)
_TABLES = {"a": _A, "b": _B, "c": _C}
_PLAIN = InvertedBottleneck(out_channels=1, shortcut="identity")
_SQUEEZED_FIRST = InvertedBottleneck(
    out_channels=1, depthwise_activation="relu", shortcut="identity"
)
_SQUEEZED = InvertedBottleneck(
    out_channels=1,
    expand_activation="silu",
    depthwise_activation="silu",
    squeeze_excite=SqueezeExcite(reduction=2, activation="silu"),
    squeeze_reference="inputs",
    shortcut="identity",
)


def fairnas(
    *,
    name: str,
    variant: Variant = "a",
    squeeze_excite: bool = False,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """FairNAS; without squeeze-excite all nonlinearities are ReLU6."""
    first, block = (_SQUEEZED_FIRST, _SQUEEZED) if squeeze_excite else (_PLAIN, _PLAIN)
    stages = inverted(_FIRST, first) + inverted(_TABLES[variant], block)
    ends: Activation = "relu" if squeeze_excite else "relu6"
    return NetworkSpec(
        name=name,
        family="fairnas",
        stem=Stem(out_channels=scaled(32, width_mult), activation=ends),
        blocks=multiplied(stages, width_mult=width_mult, depth_mult=depth_mult),
        head=Head(channels=1280, activation=ends, dropout=0.0),
    )


_PAPER = "arXiv 1907.01845, Table 2"

_NO_NORM = "the source counts params without scales and shifts of batch norm: 4.60M"
_TWO_REDUCTIONS = (
    "the release has networks whose squeeze-excite is half of the inputs, as here, or"
    " all of them; the source prints the params of the first, but the top-1 (the first"
    " has {top1}) and the macs of the second, which include the pooled elements"
)


def _plain(
    variant: Variant, params: str, macs: str, top1: float, fidelity: str = ""
) -> Entry:
    return Entry(
        build=partial(fairnas, variant=variant),
        published=Published(params=params, macs=macs, top1=top1, source=_PAPER),
        fidelity=fidelity,
    )


def _squeezed(
    variant: Variant, params: str, macs: str, top1: float, half_top1: float
) -> Entry:
    return Entry(
        build=partial(fairnas, variant=variant, squeeze_excite=True),
        published=Published(params=params, macs=macs, top1=top1, source=_PAPER),
        fidelity=_TWO_REDUCTIONS.format(top1=half_top1),
    )


ENTRIES: Mapping[str, Entry] = {
    "fairnas_a": _plain("a", "4.6M", "388M", 75.3, _NO_NORM),
    "fairnas_a_se": _squeezed("a", "5.9M", "392M", 77.5, 77.396),
    "fairnas_b": _plain("b", "4.5M", "345M", 75.1),
    "fairnas_b_se": _squeezed("b", "5.7M", "349M", 77.2, 77.106),
    "fairnas_c": _plain("c", "4.4M", "321M", 74.7),
    "fairnas_c_se": _squeezed("c", "5.6M", "325M", 76.7, 76.76),
}
