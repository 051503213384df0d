"""ProxylessNAS, searched for a phone, a GPU and a CPU (arXiv 1812.00332).

The layers are those of the released configurations; where the search chose nothing,
there is no block. The paper scales widths (x1.4); depth is scaled as in EfficientNet.
"""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck
from rexpand.spec.families.entry import Entry, Published, figures
from rexpand.spec.families.stages import Stage, inverted, multiplied
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

Target = Literal["mobile", "gpu", "cpu"]

_MOBILE = (
    Stage(out_channels=16, expand_ratio=1),
    Stage(out_channels=32, stride=2, kernel_size=(5, 3), expand_ratio=3),
    Stage(out_channels=40, stride=2, kernel_size=(7, 3, 5, 5), expand_ratio=3),
    Stage(
        out_channels=80, stride=2, kernel_size=(7, 5, 5, 5), expand_ratio=(6, 3, 3, 3)
    ),
    Stage(out_channels=96, kernel_size=5, expand_ratio=(6, 3, 3, 3)),
    Stage(out_channels=192, stride=2, kernel_size=7, expand_ratio=(6, 6, 3, 3)),
    Stage(out_channels=320, kernel_size=7, expand_ratio=6),
)
_GPU = (
    Stage(out_channels=24, expand_ratio=1),
    Stage(out_channels=32, stride=2, kernel_size=5, expand_ratio=3),
    Stage(out_channels=56, stride=2, kernel_size=(7, 3), expand_ratio=3),
    Stage(out_channels=112, stride=2, kernel_size=(7, 5), expand_ratio=(6, 3)),
    Stage(out_channels=128, kernel_size=(5, 3, 5), expand_ratio=(6, 3, 3)),
    Stage(out_channels=256, stride=2, kernel_size=(7, 7, 7, 5), expand_ratio=6),
    Stage(out_channels=432, kernel_size=7, expand_ratio=6),
)
_CPU = (
    Stage(out_channels=24, expand_ratio=1),
    Stage(out_channels=32, stride=2, expand_ratio=(6, 3, 3, 3)),
    Stage(
        out_channels=48, stride=2, kernel_size=(3, 3, 3, 5), expand_ratio=(6, 3, 3, 3)
    ),
    Stage(out_channels=88, stride=2, expand_ratio=(6, 3)),
    Stage(out_channels=104, kernel_size=(5, 3, 3, 3), expand_ratio=(6, 3, 3, 3)),
    Stage(
        out_channels=216, stride=2, kernel_size=(5, 5, 5, 3), expand_ratio=(6, 3, 3, 3)
    ),
    Stage(out_channels=360, kernel_size=5, expand_ratio=6),
)
_TABLES = {"mobile": _MOBILE, "gpu": _GPU, "cpu": _CPU}
_STEMS = {"mobile": 32, "gpu": 40, "cpu": 40}
_HEADS = {"mobile": 1280, "gpu": 1728, "cpu": 1432}
_BLOCK = InvertedBottleneck(out_channels=1, shortcut="identity")


def proxylessnas(
    *,
    name: str,
    target: Target = "mobile",
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """ProxylessNAS; the network for the phone is called R in the paper's tables."""
    return NetworkSpec(
        name=name,
        family="proxylessnas",
        stem=Stem(out_channels=scaled(_STEMS[target], width_mult)),
        blocks=multiplied(
            inverted(_TABLES[target], _BLOCK),
            width_mult=width_mult,
            depth_mult=depth_mult,
        ),
        head=Head(channels=scaled(_HEADS[target], width_mult), dropout=0.0),
        norm_eps=1e-3,  # of the release
    )


_PAPER = "arXiv 1812.00332"
_FAIRNAS = "arXiv 1907.01845, Table 2"

ENTRIES: Mapping[str, Entry] = {
    "proxylessnas_cpu": Entry(
        build=partial(proxylessnas, target="cpu"),
        published=Published(
            params="4.3616M", top1=75.29, source="pytorchcv"
        ).beside_paper(75.3, _PAPER),
    ),
    "proxylessnas_gpu": Entry(
        build=partial(proxylessnas, target="gpu"),
        published=figures("7.1M", "465M", 75.1, _FAIRNAS).beside_paper(75.1, _PAPER),
    ),
    "proxylessnas_r": Entry(
        build=partial(proxylessnas, target="mobile"),
        published=figures(
            "4.1M", "0.32B", 74.6, "arXiv 2007.00992, Table 4"
        ).beside_paper(74.6, _PAPER),
        aliases=("proxylessnas_mobile",),
    ),
}
