"""EfficientNet (arXiv 1905.11946) and EfficientNet-lite (tensorflow/tpu).

Widths are rounded to the nearest multiple of 8, repeats are rounded up. The
squeeze-excite's width is a quarter of the block's inputs. The lite networks have no
squeeze-excite and ReLU6 for SiLU; they keep the stem, the head and the repeats of the
first and last stage.
"""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, Published, figures
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

# Table 1 of the paper (B0).
_STAGES = (
    Stage(out_channels=16, expand_ratio=1),
    Stage(repeats=2, out_channels=24, stride=2, expand_ratio=6),
    Stage(repeats=2, out_channels=40, stride=2, kernel_size=5, expand_ratio=6),
    Stage(repeats=3, out_channels=80, stride=2, expand_ratio=6),
    Stage(repeats=3, out_channels=112, kernel_size=5, expand_ratio=6),
    Stage(repeats=4, out_channels=192, stride=2, kernel_size=5, expand_ratio=6),
    Stage(out_channels=320, expand_ratio=6),
)
_BLOCK = InvertedBottleneck(
    out_channels=1,
    expand_activation="silu",
    depthwise_activation="silu",
    squeeze_excite=SqueezeExcite(reduction=4, activation="silu"),
    squeeze_reference="inputs",
    shortcut="identity",
)
_LITE_BLOCK = InvertedBottleneck(out_channels=1, shortcut="identity")
_STEM, _HEAD = 32, 1280

# The release has a survival rate of 0.8.
_DROP_PATH = 0.2


def efficientnet(
    *,
    name: str,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    resolution: int = 224,
    dropout: float = 0.2,
) -> NetworkSpec:
    """EfficientNet: B0 to B7 differ in width, depth and resolution."""
    return NetworkSpec(
        name=name,
        family="efficientnet",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="silu"),
        blocks=multiplied(
            inverted(_STAGES, _BLOCK), width_mult=width_mult, depth_mult=depth_mult
        ),
        head=Head(
            channels=scaled(_HEAD, width_mult), activation="silu", dropout=dropout
        ),
        resolution=resolution,
        drop_path=_DROP_PATH,
    )


def efficientnet_lite(
    *,
    name: str,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
    resolution: int = 224,
    dropout: float = 0.2,
) -> NetworkSpec:
    """EfficientNet-lite: lite0 to lite4 differ in width, depth and resolution."""
    blocks = multiplied_between_ends(
        inverted(_STAGES, _LITE_BLOCK), width_mult=width_mult, depth_mult=depth_mult
    )
    return NetworkSpec(
        name=name,
        family="efficientnet_lite",
        stem=Stem(out_channels=_STEM),
        blocks=blocks,
        head=Head(channels=_HEAD, dropout=dropout),
        resolution=resolution,
        drop_path=_DROP_PATH,
    )


_PAPER = "arXiv 1905.11946, Table 2"
_LITE = "tensorflow/tpu, EfficientNet-lite"

_B1 = "the source prints 0.70B for 0.687B macs; torchvision counts the same as we"
_B2 = "the source prints 9.2M for 9.110M params; torchvision counts the same as we"
_B4 = "the source prints 4.2B for 4.394B macs; torchvision counts the same as we"
_B5 = "the source prints 9.9B for 10.266B macs; torchvision counts the same as we"
_B7 = "the source prints 37B for 37.746B macs; torchvision counts the same as we"
_MADDS = (
    "the source adds three operations for every element that a batch norm outputs and"
    " one for every element that a shortcut adds"
)
_LITE0 = f"{_MADDS}; that gives 405.6M here, where it prints 407M"


def _b(
    width_mult: float,
    depth_mult: float,
    resolution: int,
    dropout: float,
    published: Published,
    fidelity: str = "",
) -> Entry:
    return Entry(
        build=partial(
            efficientnet,
            width_mult=width_mult,
            depth_mult=depth_mult,
            resolution=resolution,
            dropout=dropout,
        ),
        published=published,
        fidelity=fidelity,
    )


def _lite(
    width_mult: float,
    depth_mult: float,
    resolution: int,
    dropout: float,
    published: Published,
    fidelity: str = _MADDS,
) -> Entry:
    return Entry(
        build=partial(
            efficientnet_lite,
            width_mult=width_mult,
            depth_mult=depth_mult,
            resolution=resolution,
            dropout=dropout,
        ),
        published=published,
        fidelity=fidelity,
    )


ENTRIES: Mapping[str, Entry] = {
    "efficientnet_b0": _b(1.0, 1.0, 224, 0.2, figures("5.3M", "0.39B", 77.1, _PAPER)),
    "efficientnet_b1": _b(
        1.0, 1.1, 240, 0.2, figures("7.8M", "0.70B", 79.1, _PAPER), _B1
    ),
    "efficientnet_b2": _b(
        1.1, 1.2, 260, 0.3, figures("9.2M", "1.0B", 80.1, _PAPER), _B2
    ),
    "efficientnet_b3": _b(1.2, 1.4, 300, 0.3, figures("12M", "1.8B", 81.6, _PAPER)),
    "efficientnet_b4": _b(
        1.4, 1.8, 380, 0.4, figures("19M", "4.2B", 82.9, _PAPER), _B4
    ),
    "efficientnet_b5": _b(
        1.6, 2.2, 456, 0.4, figures("30M", "9.9B", 83.6, _PAPER), _B5
    ),
    "efficientnet_b6": _b(1.8, 2.6, 528, 0.5, figures("43M", "19B", 84.0, _PAPER)),
    "efficientnet_b7": _b(2.0, 3.1, 600, 0.5, figures("66M", "37B", 84.3, _PAPER), _B7),
    "efficientnet_lite0": _lite(
        1.0, 1.0, 224, 0.2, figures("4.7M", "407M", 75.1, _LITE), _LITE0
    ),
    "efficientnet_lite1": _lite(
        1.0, 1.1, 240, 0.2, figures("5.4M", "631M", 76.7, _LITE)
    ),
    "efficientnet_lite2": _lite(
        1.1, 1.2, 260, 0.3, figures("6.1M", "899M", 77.6, _LITE)
    ),
    "efficientnet_lite3": _lite(
        1.2, 1.4, 280, 0.3, figures("8.2M", "1.44B", 79.8, _LITE)
    ),
    "efficientnet_lite4": _lite(
        1.4, 1.8, 300, 0.3, figures("13.0M", "2.64B", 81.5, _LITE)
    ),
}
