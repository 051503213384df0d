"""SqueezeNet (arXiv 1602.07360): 1.0 of the paper, 1.1 of its release."""

from collections.abc import Mapping
from functools import partial
from typing import Literal

from rexpand.spec.blocks import Fire
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.families.stages import Stage
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# The fire modules; a stride is a pooling before them.
_V1_0 = (
    Stage(out_channels=128, repeats=2),
    Stage(out_channels=256),
    Stage(out_channels=256, stride=2),
    Stage(out_channels=384, repeats=2),
    Stage(out_channels=512),
    Stage(out_channels=512, stride=2),
)
_V1_1 = (
    Stage(out_channels=128, repeats=2),
    Stage(out_channels=256, repeats=2, stride=2),
    Stage(out_channels=384, repeats=2, stride=2),
    Stage(out_channels=512, repeats=2),
)

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

    The paper has no multipliers: here all widths are scaled, to multiples of 8, so that
    the squeezed eighth is whole.
    """
    width, kernel_size = _STEMS[version]
    blocks = tuple(
        Fire(
            out_channels=scaled(stage.out_channels, width_mult),
            stride=stage.stride if index == 0 else 1,
        )
        for stage in (_V1_0 if version == "1.0" else _V1_1)
        for index in range(repeated(stage.repeats, depth_mult))
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


_TORCHVISION = "torchvision 0.20.1 IMAGENET1K_V1"

_NO_MACS = (
    "{source} prints no macs; at the 227 pixels of the authors' Caffe files ours takes "
    "{macs} macs"
)
_BORDER = (
    "; the file of 1.0 pads the last 1x1 convolution by a pixel, torchvision and we do "
    "not"
)

ENTRIES: Mapping[str, Entry] = {
    "squeezenet_1_0": Entry(
        build=partial(squeezenet, version="1.0"),
        published=Published(
            params="1.248424M",
            macs="819M",
            top1=58.092,
            source=f"arXiv 1602.07360, Table 1 (params); {_TORCHVISION}",
            top1_source=_TORCHVISION,
        ).beside_paper(57.5, "arXiv 1602.07360"),
        fidelity=_NO_MACS.format(source="the paper", macs="833M") + _BORDER,
        aliases=("squeezenet1_0",),
    ),
    "squeezenet_1_1": Entry(
        build=partial(squeezenet, version="1.1"),
        published=Published(
            params="1.2355M", macs="349M", top1=58.178, source=_TORCHVISION
        ),
        fidelity=_NO_MACS.format(source="the release", macs="388M"),
        aliases=("squeezenet1_1",),
    ),
}
