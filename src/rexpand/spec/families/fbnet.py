"""FBNet A, B and C (arXiv 1812.03443).

A and B have the layers of the authors' release (facebookresearch/mobile-vision), C has
those of timm, where blocks that expand by 1 keep their first 1x1, as the paper draws.
Where the search chose a skip, there is no block. In the release the convolutions of
blocks have a bias, which the batch norm after them cancels; here they have none. The
paper has no multipliers: here widths are scaled to multiples of 8, the head keeps its
width, and depth is scaled as in EfficientNet.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck
from rexpand.spec.families.entry import Entry, figures
from rexpand.spec.families.stages import Stage, inverted, multiplied
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

Variant = Literal["a", "b", "c"]

_A = (
    Stage(out_channels=24, stride=2, expand_ratio=(3, 1)),
    Stage(
        out_channels=32, stride=2, kernel_size=(5, 3, 5, 3), expand_ratio=(6, 3, 1, 3)
    ),
    Stage(
        out_channels=64,
        stride=2,
        kernel_size=5,
        expand_ratio=(6, 3, 1, 6),
        groups=(1, 1, 2, 1),
    ),
    Stage(
        out_channels=112,
        kernel_size=(3, 5, 5, 3),
        expand_ratio=(6, 1, 3, 1),
        groups=(1, 2, 1, 2),
    ),
    Stage(out_channels=184, stride=2, kernel_size=5, expand_ratio=(6, 6, 3, 6)),
    Stage(out_channels=352, kernel_size=5, expand_ratio=6),
)
_B = (
    Stage(out_channels=16, expand_ratio=1),
    Stage(
        out_channels=24, stride=2, kernel_size=(3, 5, 3, 3), expand_ratio=(6, 1, 1, 1)
    ),
    Stage(
        out_channels=32, stride=2, kernel_size=(5, 5, 3, 5), expand_ratio=(6, 3, 6, 6)
    ),
    Stage(out_channels=64, stride=2, kernel_size=5, expand_ratio=(6, 6, 3)),
    Stage(out_channels=112, kernel_size=(5, 3, 5, 5), expand_ratio=(6, 1, 1, 3)),
    Stage(out_channels=184, stride=2, kernel_size=5, expand_ratio=(6, 1, 6, 6)),
    Stage(out_channels=352, expand_ratio=6),
)
_C = (
    Stage(out_channels=16, expand_ratio=1),
    Stage(out_channels=24, stride=2, expand_ratio=(6, 1, 1)),
    Stage(
        out_channels=32, stride=2, kernel_size=(5, 5, 5, 3), expand_ratio=(6, 3, 6, 6)
    ),
    Stage(out_channels=64, stride=2, kernel_size=5, expand_ratio=(6, 3, 6, 6)),
    Stage(out_channels=112, kernel_size=5, expand_ratio=(6, 6, 6, 3)),
    Stage(repeats=4, out_channels=184, stride=2, kernel_size=5, expand_ratio=6),
    Stage(out_channels=352, expand_ratio=6),
)
_TABLES = {"a": _A, "b": _B, "c": _C}
_HEADS = {"a": 1504, "b": 1984, "c": 1984}
_STEM = 16


def fbnet(
    *,
    name: str,
    variant: Variant = "c",
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """FBNet: inverted bottlenecks whose kernel, expansion and groups were searched."""
    block = InvertedBottleneck(
        out_channels=1,
        always_expands=variant == "c",
        expand_activation="relu",
        depthwise_activation="relu",
        shortcut="identity",
    )
    return NetworkSpec(
        name=name,
        family="fbnet",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="relu"),
        blocks=multiplied(
            inverted(_TABLES[variant], block),
            width_mult=width_mult,
            depth_mult=depth_mult,
        ),
        head=Head(channels=_HEADS[variant], activation="relu"),
    )


_PAPER = "arXiv 1812.03443"
_RELEASE = "facebookresearch/mobile-vision"

_BIAS = (
    "in the release the convolutions of blocks have a bias, which batch norm cancels"
    " (15,000 params); ours have none"
)
_POOLED = f"{_BIAS}; the source adds the pooled elements to the macs: 291.1M for 291.0M"
_TIMMS = (
    "timm's layers, where blocks that expand by 1 keep their first 1x1; without it the"
    " macs are 378.1M, which the release prints with its pooling (378.2M); no release"
    " has the paper's 375M, and its 5.5M params are 5.57M rounded down; Table 1 of arXiv"
    " 2007.00992 prints four blocks of 24 channels, the repeats of the search space: the"
    " second of them is a skip, in the release too, so there are three"
)

ENTRIES: Mapping[str, Entry] = {
    "fbnet_a": Entry(
        build=partial(fbnet, variant="a"),
        published=figures("4.3M", "244.5M", 73.3, _RELEASE).beside_paper(73.0, _PAPER),
        fidelity=_BIAS,
    ),
    "fbnet_b": Entry(
        build=partial(fbnet, variant="b"),
        published=figures("4.8M", "291.1M", 74.5, _RELEASE).beside_paper(74.1, _PAPER),
        fidelity=_POOLED,
    ),
    "fbnetc_100": Entry(
        build=partial(fbnet, variant="c"),
        published=figures("5.5M", "375M", 74.9, _PAPER),
        fidelity=_TIMMS,
        aliases=("fbnet_c",),
    ),
}
