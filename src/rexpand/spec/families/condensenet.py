"""CondenseNet for ImageNet (arXiv 1711.09224; the authors' code of 2017-12)."""

from collections.abc import Mapping
from functools import partial
from itertools import accumulate

from rexpand.spec.blocks import Dense
from rexpand.spec.families.entry import Entry, figures
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# Layers and growth of the stages (README, the command for ImageNet). With two
# convolutions per layer, the stem and the classifier, 36 layers make 74.
_REPEATS = (4, 6, 8, 10, 8)
_GROWTHS = (8, 16, 32, 64, 128)


def condensenet(
    *, name: str, groups: int = 4, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """CondenseNet-74 with C = G = `groups` in every convolution but the stem.

    The stem has neither batch norm nor bias; the classifier uses half of the features
    (Section 4.2). Growths are rounded to multiples of the groups.
    """
    growths = [scaled(growth, width_mult, groups) for growth in _GROWTHS]
    steps = [
        (growth, 2 if stage and not index else 1)
        for stage, (growth, repeats) in enumerate(zip(growths, _REPEATS, strict=True))
        for index in range(repeated(repeats, depth_mult))
    ]
    stem = 2 * growths[0]
    widths = list(accumulate((growth for growth, _ in steps), initial=stem))[1:]
    return NetworkSpec(
        name=name,
        family="condensenet",
        stem=Stem(out_channels=stem, activation="linear", norm=False, bias=False),
        blocks=tuple(
            Dense(
                out_channels=width,
                stride=stride,
                groups=groups,
                condense_factor=groups,
            )
            for width, (_, stride) in zip(widths, steps, strict=True)
        ),
        head=Head(
            channels=0,
            first_norm=True,
            activation="relu",
            dropout=0,
            condense_factor=2,
        ),
    )


_PAPER = "arXiv 1711.09224"
_README = "ShichenLiu/CondenseNet README"
_ELEMENTS = (
    "in addition to macs, the source counts an operation for every element after a "
    "ReLU, every element before a pooling and every bias of the classifier"
)


def _entry(groups: int, params: str, macs: str, top1: float) -> Entry:
    return Entry(
        build=partial(condensenet, groups=groups),
        published=figures(params, macs, top1, _README).beside_paper(top1, _PAPER),
        fidelity=_ELEMENTS,
    )


ENTRIES: Mapping[str, Entry] = {
    "condensenet_74_g4": _entry(4, "4.8M", "529M", 73.8),
    "condensenet_74_g8": _entry(8, "2.9M", "274M", 71.0),
}
