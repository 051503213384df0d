"""SqueezeNet (arXiv 1602.07360): 1.0 of the paper, 1.1 of its release."""

from typing import Literal

from rexpand.spec.blocks import Fire
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# Channels, repeats and stride of the fire modules; a stride is a pooling in front.
_V1_0 = (
    (128, 2, 1), (256, 1, 1), (256, 1, 2), (384, 2, 1), (512, 1, 1), (512, 1, 2),
)  # fmt: skip
_V1_1 = ((128, 2, 1), (256, 2, 2), (384, 2, 2), (512, 2, 1))

# Width and kernel of the first convolution.
_STEMS = {"1.0": (96, 7), "1.1": (64, 3)}


def squeezenet(
    *,
    name: str,
    version: Literal["1.0", "1.1"] = "1.0",
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """SqueezeNet: no batch norm, no padding in the stem, a classifier pooled last.

    The paper has no multipliers: all widths are scaled, to multiples of 8, so that the
    squeezed eighth is whole.
    """
    width, kernel_size = _STEMS[version]
    blocks = tuple(
        Fire(
            out_channels=scaled(channels, width_mult),
            stride=stride if index == 0 else 1,
        )
        for channels, repeats, stride in (_V1_0 if version == "1.0" else _V1_1)
        for index in range(repeated(repeats, depth_mult))
    )
    return NetworkSpec(
        name=name,
        family="squeezenet",
        stem=Stem(
            out_channels=scaled(width, width_mult),
            kernel_size=kernel_size,
            activation="relu",
            norm=False,
            padded=False,
            pool_stride=2,
        ),
        blocks=blocks,
        head=Head(channels=0, activation="relu", dropout=0.5, classifier="convolution"),
    )
