"""MobileNetV3, Large and Small (arXiv 1905.02244, Tables 1 and 2).

The first stages have ReLU, the later ones hard swish; expanded and squeezed widths are
multiples of 8. The 1x1 before the pooling is six times the last block's width; the
linear layer after it has no batch norm and keeps its width, as in TensorFlow's release.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, Published, figures
from rexpand.spec.families.stages import Blocks, Stage, inverted, multiplied
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

Size = Literal["large", "small"]

_LARGE_RELU = (
    Stage(out_channels=16, expand_ratio=1, squeeze_excite=False),
    Stage(out_channels=24, stride=2, expand_ratio=(4, 3), squeeze_excite=False),
    Stage(repeats=3, out_channels=40, stride=2, kernel_size=5, expand_ratio=3),
)
_LARGE_HARD_SWISH = (
    Stage(
        out_channels=80, stride=2, expand_ratio=(6, 2.5, 2.3, 2.3), squeeze_excite=False
    ),
    Stage(repeats=2, out_channels=112, expand_ratio=6),
    Stage(repeats=3, out_channels=160, stride=2, kernel_size=5, expand_ratio=6),
)
_SMALL_RELU = (
    Stage(out_channels=16, stride=2, expand_ratio=1),
    Stage(out_channels=24, stride=2, expand_ratio=(4.5, 3.67), squeeze_excite=False),
)
_SMALL_HARD_SWISH = (
    Stage(out_channels=40, stride=2, kernel_size=5, expand_ratio=(4, 6, 6)),
    Stage(repeats=2, out_channels=48, kernel_size=5, expand_ratio=3),
    Stage(repeats=3, out_channels=96, stride=2, kernel_size=5, expand_ratio=6),
)
_RELU = InvertedBottleneck(
    out_channels=1,
    expand_multiple=8,
    expand_activation="relu",
    depthwise_activation="relu",
    squeeze_excite=SqueezeExcite(reduction=4, multiple_of=8, gate="hard_sigmoid"),
    shortcut="identity",
)
_HARD_SWISH = replace(
    _RELU, expand_activation="hard_swish", depthwise_activation="hard_swish"
)
_STEM = 16
_HIDDEN = {"large": 1280, "small": 1024}


def mobilenetv3(
    *, name: str, size: Size = "large", width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """MobileNetV3; the paper has no depth multiplier, this is EfficientNet's."""
    blocks = multiplied(_stages(size), width_mult=width_mult, depth_mult=depth_mult)
    return NetworkSpec(
        name=name,
        family="mobilenetv3",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="hard_swish"),
        blocks=blocks,
        head=Head(
            channels=6 * blocks[-1].out_channels,
            hidden=_HIDDEN[size],
            hidden_norm=False,
            activation="hard_swish",
        ),
    )


def _stages(size: Size) -> tuple[Blocks[InvertedBottleneck], ...]:
    if size == "small":
        return inverted(_SMALL_RELU, _RELU) + inverted(_SMALL_HARD_SWISH, _HARD_SWISH)
    return inverted(_LARGE_RELU, _RELU) + inverted(_LARGE_HARD_SWISH, _HARD_SWISH)


_PAPER = "arXiv 1905.02244, Table 3"
_SLIM = "tensorflow/models, slim"

_LARGE = "the source prints 5.4M for 5.483M; torchvision counts the same as we"
_SMALL = (
    "the source rounds 56.5M macs down to 56M; its first version and TensorFlow's"
    " release print 66M and 2.9M, which no released layers that we found have"
)
_SMALL_075 = (
    "the source prints 44M and 2.4M for 43.4M macs and 2.04M params; timm counts the"
    " same as we"
)


def _entry(
    size: Size, width_mult: float, published: Published, fidelity: str = ""
) -> Entry:
    return Entry(
        build=partial(mobilenetv3, size=size, width_mult=width_mult),
        published=published,
        fidelity=fidelity,
    )


ENTRIES: Mapping[str, Entry] = {
    "mobilenetv3_large_075": _entry(
        "large", 0.75, figures("4.0M", "155M", 73.3, _SLIM).beside_paper(73.3, _PAPER)
    ),
    "mobilenetv3_large_100": _entry(
        "large",
        1.0,
        figures("5.4M", "217M", 75.2, _SLIM).beside_paper(75.2, _PAPER),
        _LARGE,
    ),
    "mobilenetv3_small_075": _entry(
        "small",
        0.75,
        figures("2.4M", "44M", 65.4, _SLIM).beside_paper(65.4, _PAPER),
        _SMALL_075,
    ),
    "mobilenetv3_small_100": _entry(
        "small", 1.0, figures("2.5M", "56M", 67.4, _PAPER), _SMALL
    ),
}
