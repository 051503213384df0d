"""MnasNet A1, A2, A3 and B1 (arXiv 1807.11626).

A1 and B1 have the layers of the authors' release (tensorflow/tpu). A2 and A3 come from
the search that found A1; only their cost is published. They are reconstructed: A1 with
as few changed widths and repeats as possible (four) so that both printed figures hold,
and of those the nearest to the figures. The head keeps its width; the papers scale only
widths, and depth is scaled as in EfficientNet.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Literal

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, Published, figures
from rexpand.spec.families.stages import Stage, inverted, multiplied
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

Variant = Literal["a1", "a2", "a3", "b1"]

# Figure 7 of the paper.
_A1 = (
    Stage(out_channels=16, expand_ratio=1, squeeze_excite=False),
    Stage(repeats=2, out_channels=24, stride=2, expand_ratio=6, squeeze_excite=False),
    Stage(repeats=3, out_channels=40, stride=2, kernel_size=5, expand_ratio=3),
    Stage(repeats=4, out_channels=80, stride=2, expand_ratio=6, squeeze_excite=False),
    Stage(repeats=2, out_channels=112, expand_ratio=6),
    Stage(repeats=3, out_channels=160, stride=2, kernel_size=5, expand_ratio=6),
    Stage(out_channels=320, expand_ratio=6, squeeze_excite=False),
)
_A2 = (
    Stage(out_channels=16, expand_ratio=1, squeeze_excite=False),
    Stage(repeats=2, out_channels=24, stride=2, expand_ratio=6, squeeze_excite=False),
    Stage(repeats=3, out_channels=40, stride=2, kernel_size=5, expand_ratio=3),
    Stage(repeats=3, out_channels=80, stride=2, expand_ratio=6, squeeze_excite=False),
    Stage(repeats=2, out_channels=104, expand_ratio=6),
    Stage(repeats=3, out_channels=144, stride=2, kernel_size=5, expand_ratio=6),
    Stage(repeats=2, out_channels=320, expand_ratio=6, squeeze_excite=False),
)
_A3 = (
    Stage(out_channels=16, expand_ratio=1, squeeze_excite=False),
    Stage(repeats=2, out_channels=32, stride=2, expand_ratio=6, squeeze_excite=False),
    Stage(repeats=3, out_channels=40, stride=2, kernel_size=5, expand_ratio=3),
    Stage(repeats=4, out_channels=72, stride=2, expand_ratio=6, squeeze_excite=False),
    Stage(repeats=2, out_channels=128, expand_ratio=6),
    Stage(repeats=3, out_channels=160, stride=2, kernel_size=5, expand_ratio=6),
    Stage(repeats=2, out_channels=320, expand_ratio=6, squeeze_excite=False),
)
_B1 = (
    Stage(out_channels=16, expand_ratio=1),
    Stage(repeats=3, out_channels=24, stride=2, expand_ratio=3),
    Stage(repeats=3, out_channels=40, stride=2, kernel_size=5, expand_ratio=3),
    Stage(repeats=3, out_channels=80, stride=2, kernel_size=5, expand_ratio=6),
    Stage(repeats=2, out_channels=96, expand_ratio=6),
    Stage(repeats=4, out_channels=192, stride=2, kernel_size=5, expand_ratio=6),
    Stage(out_channels=320, expand_ratio=6),
)
_TABLES = {"a1": _A1, "a2": _A2, "a3": _A3, "b1": _B1}
_BLOCK = InvertedBottleneck(
    out_channels=1,
    expand_activation="relu",
    depthwise_activation="relu",
    squeeze_excite=SqueezeExcite(reduction=4),
    squeeze_reference="inputs",
    shortcut="identity",
)
_B1_BLOCK = replace(_BLOCK, squeeze_excite=None)
_STEM, _HEAD = 32, 1280


def mnasnet(
    *,
    name: str,
    variant: Variant = "a1",
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """MnasNet; the A networks have squeeze-excite, B1 has none."""
    return NetworkSpec(
        name=name,
        family="mnasnet",
        stem=Stem(out_channels=scaled(_STEM, width_mult), activation="relu"),
        blocks=multiplied(
            inverted(_TABLES[variant], _B1_BLOCK if variant == "b1" else _BLOCK),
            width_mult=width_mult,
            depth_mult=depth_mult,
        ),
        head=Head(channels=_HEAD, activation="relu"),
    )


_PAPER = "arXiv 1807.11626, Table 1"
_TPU = "tensorflow/tpu, mnasnet"
_TORCHVISION = "torchvision"
_TIMM = "timm"

_TABLE = (
    "the source's table counts 0.9 to 2 % more macs than its layers have: 315.2M for"
    " x1.0, where the paper and the text of the same page print 312M"
)
_SEARCHED = (
    "the layers are not published: A1 with as few changed widths and repeats as"
    " possible (four) so that both printed figures hold"
)


def _entry(
    variant: Variant,
    width_mult: float,
    published: Published,
    *,
    fidelity: str = "",
    aliases: tuple[str, ...] = (),
    reconstructed: bool = False,
) -> Entry:
    return Entry(
        build=partial(mnasnet, variant=variant, width_mult=width_mult),
        published=published,
        fidelity=fidelity,
        aliases=aliases,
        reconstructed=reconstructed,
    )


ENTRIES: Mapping[str, Entry] = {
    "mnasnet_050": _entry("b1", 0.5, figures("2.22M", "0.104B", 67.734, _TORCHVISION)),
    "mnasnet_075": _entry("b1", 0.75, figures("3.17M", "0.215B", 71.18, _TORCHVISION)),
    "mnasnet_100": _entry(
        "b1",
        1.0,
        figures("4.38M", "0.314B", 73.456, _TORCHVISION),
        aliases=("mnasnet_b1",),
    ),
    "mnasnet_130": _entry("b1", 1.3, figures("6.28M", "0.526B", 76.506, _TORCHVISION)),
    "mnasnet_140": _entry("b1", 1.4, Published(source=_TIMM)),
    "mnasnet_a2": _entry(
        "a2",
        1.0,
        figures("4.8M", "340M", 75.6, _PAPER),
        fidelity=_SEARCHED,
        reconstructed=True,
    ),
    "mnasnet_a3": _entry(
        "a3",
        1.0,
        figures("5.2M", "403M", 76.7, _PAPER),
        fidelity=_SEARCHED,
        reconstructed=True,
    ),
    "semnasnet_050": _entry(
        "a1", 0.5, figures("2.1M", "105.2M", 68.9, _TPU), fidelity=_TABLE
    ),
    "semnasnet_075": _entry(
        "a1", 0.75, figures("2.9M", "226.7M", 73.3, _TPU), fidelity=_TABLE
    ),
    "semnasnet_100": _entry(
        "a1", 1.0, figures("3.9M", "312M", 75.2, _PAPER), aliases=("mnasnet_a1",)
    ),
    "semnasnet_140": _entry(
        "a1", 1.4, figures("6.1M", "591.5M", 77.2, _TPU), fidelity=_TABLE
    ),
}
