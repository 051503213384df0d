"""FairDARTS-C (arXiv 1911.12126) and SE-DARTS+ (arXiv 1909.06035), reconstructed.

Both were searched in the space of ProxylessNAS. Their channels and cost are published
(arXiv 2007.00992, Table 1), their kernels and expansions are not: these have one kernel
and one expansion a stage, chosen so that both printed figures hold. Other choices fit as
well. SiLU and squeeze-excite as the tables mark them; of the squeeze-excites, a quarter
of the inputs fits FairDARTS-C, a sixteenth of the expanded channels SE-DARTS+. There are
no multipliers: widths go to multiples of 8, depth is scaled as in EfficientNet.
"""

from dataclasses import replace

from rexpand.spec.blocks import InvertedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stage_table import multiplied, stage_table
from rexpand.spec.stem import Stem

_FAIRDARTS_C = """
    repeats  out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    1        16            1       3            1             no
    2        32            2       5            3             yes
    4        40            2       5            3             yes
    5        80            2       3            6             yes
    3        96            1       3            6             yes
    4        192           2       5            6             yes
    1        320           1       3            6             yes
"""
_SE_DARTS_PLUS = """
    repeats  out_channels  stride  kernel_size  expand_ratio  squeeze_excite
    1        16            1       3            1             no
    4        24            2       7            6             yes
    4        40            2       5            6             yes
    4        80            2       7            6             yes
    4        96            1       7            6             yes
    4        192           2       7            6             yes
    1        320           1       7            6             yes
"""
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
    stages = stage_table(_FAIRDARTS_C, _FAIRDARTS_BLOCK)
    blocks = multiplied(stages, width_mult=width_mult, depth_mult=depth_mult)
    return _network(name, "fairdarts_c", blocks, width_mult)


def darts_plus_se(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """SE-DARTS+, with squeeze-excite and SiLU."""
    stages = stage_table(_SE_DARTS_PLUS, _DARTS_PLUS_BLOCK)
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
