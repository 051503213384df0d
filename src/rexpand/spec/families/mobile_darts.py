"""FairDARTS-C (arXiv 1911.12126) and SE-DARTS+ (arXiv 1909.06035), reconstructed.

Both were searched in the space of ProxylessNAS. Their channels and cost are published
(arXiv 2007.00992, Table 1), their kernels and expansions are not: these have one kernel
and one expansion per stage, chosen so that both printed figures hold. Other choices fit
too. SiLU and squeeze-excite are as in the tables; a squeeze-excite of a quarter of the
inputs fits FairDARTS-C, of a sixteenth of the expanded channels SE-DARTS+. The papers
have no multipliers: here widths are scaled to multiples of 8, and depth as in
EfficientNet.
"""

from collections.abc import Mapping
from dataclasses import replace

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.families.stages import Stage, inverted, multiplied
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

_FAIRDARTS_C = (
    Stage(out_channels=16, expand_ratio=1, squeeze_excite=False),
    Stage(repeats=2, out_channels=32, stride=2, kernel_size=5, expand_ratio=3),
    Stage(repeats=4, out_channels=40, stride=2, kernel_size=5, expand_ratio=3),
    Stage(repeats=5, out_channels=80, stride=2, expand_ratio=6),
    Stage(repeats=3, out_channels=96, expand_ratio=6),
    Stage(repeats=4, out_channels=192, stride=2, kernel_size=5, expand_ratio=6),
    Stage(out_channels=320, expand_ratio=6),
)
_SE_DARTS_PLUS = (
    Stage(out_channels=16, expand_ratio=1, squeeze_excite=False),
    Stage(repeats=4, out_channels=24, stride=2, kernel_size=7, expand_ratio=6),
    Stage(repeats=4, out_channels=40, stride=2, kernel_size=5, expand_ratio=6),
    Stage(repeats=4, out_channels=80, stride=2, kernel_size=7, expand_ratio=6),
    Stage(repeats=4, out_channels=96, kernel_size=7, expand_ratio=6),
    Stage(repeats=4, out_channels=192, stride=2, kernel_size=7, expand_ratio=6),
    Stage(out_channels=320, kernel_size=7, expand_ratio=6),
)
_FAIRDARTS_BLOCK = InvertedBottleneck(
    out_channels=1,
    expand_activation="silu",
    depthwise_activation="silu",
    squeeze_excite=SqueezeExcite(reduction=4, activation="silu"),
    squeeze_reference="inputs",
    shortcut="identity",
)
_DARTS_PLUS_BLOCK = replace(
    _FAIRDARTS_BLOCK,
    squeeze_excite=SqueezeExcite(reduction=16, activation="silu"),
    squeeze_reference="expanded",
)


def fairdarts_c(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """FairDARTS-C with squeeze-excite and SiLU."""
    stages = inverted(_FAIRDARTS_C, _FAIRDARTS_BLOCK)
    blocks = multiplied(stages, width_mult=width_mult, depth_mult=depth_mult)
    return _network(name, "fairdarts_c", blocks, width_mult)


def darts_plus_se(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """SE-DARTS+, with squeeze-excite and SiLU."""
    stages = inverted(_SE_DARTS_PLUS, _DARTS_PLUS_BLOCK)
    blocks = multiplied(stages, width_mult=width_mult, depth_mult=depth_mult)
    return _network(name, "darts_plus", blocks, width_mult)


def _network(
    name: str, family: str, blocks: tuple[InvertedBottleneck, ...], width_mult: float
) -> NetworkSpec:
    return NetworkSpec(
        name=name,
        family=family,
        stem=Stem(out_channels=scaled(32, width_mult), activation="silu"),
        blocks=blocks,
        head=Head(activation="silu"),
    )


_LAYERS = (
    "channels and cost are published, kernels and expansions are not: one choice of"
    " one kernel and one expansion per stage for which both printed figures hold"
)

ENTRIES: Mapping[str, Entry] = {
    "darts_plus_se": Entry(
        build=darts_plus_se,
        published=Published(
            params="6.1M", macs="0.59B", top1=77.5, source="arXiv 2007.00992, Table 1"
        ),
        fidelity=_LAYERS,
        reconstructed=True,
    ),
    "fairdarts_c": Entry(
        build=fairdarts_c,
        published=Published(
            params="5.3M", macs="386M", top1=77.2, source="arXiv 1911.12126"
        ),
        fidelity=_LAYERS,
        reconstructed=True,
    ),
}
