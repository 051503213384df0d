"""SqueezeNet 1.0 and 1.1."""

from collections.abc import Mapping
from functools import partial

from rexpand.spec.catalogue.entry import Entry, Published
from rexpand.spec.squeezenet import squeezenet

_TORCHVISION = "torchvision 0.20.1 IMAGENET1K_V1"

_NO_MACS = (
    "{source} prints no macs; at the 227 pixels of the authors' Caffe files ours takes "
    "{macs} macs"
)
_BORDER = (
    "; the file of 1.0 pads the last 1x1 convolution by a pixel, torchvision and we do "
    "not; the paper's own top-1 is 57.5"
)

ENTRIES: Mapping[str, Entry] = {
    "squeezenet_1_0": Entry(
        build=partial(squeezenet, version="1.0"),
        published=Published(
            params="1.248424M",
            macs="819M",
            top1=58.092,
            source=f"arXiv 1602.07360, Table 1 (params); {_TORCHVISION}",
        ),
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
