"""AtomNAS (arXiv 1912.09640; the searched networks of meijieru/AtomNAS).

The search prunes atoms, one depthwise channel with its share of both 1x1 convolutions,
so that each block ends with its own number of channels for the kernels 3, 5 and 7.
"""

from typing import Literal

from rexpand.spec.blocks import Activation, MixedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

AtomNasVariant = Literal["a", "b", "c"]

_KERNELS = (3, 5, 7)
_Atoms = tuple[int, ...]  # channels of the kernels 3, 5 and 7 of a block

# Channels, stride, atoms of the blocks of each stage behind the first block, which has
# 16 channels and no first 1x1 (apps/searched/models of the release).
_A: tuple[tuple[int, int, tuple[_Atoms, ...]], ...] = (
    (24, 2, ((16, 12, 9), (19, 2, 1), (9, 7, 1), (14, 1))),
    (40, 2, ((46, 49, 50), (27, 19, 14), (22, 11, 3), (30, 14, 3))),
    (80, 2, ((127, 130, 111), (33, 25, 45), (38, 12, 34), (53, 23, 19))),
    (96, 1, ((344, 196, 168), (44, 18, 27), (37, 29, 18), (52, 21, 24))),
    (192, 2, ((381, 364, 342), (123, 76, 162), (179, 107, 212), (238, 111, 171))),
    (320, 1, ((654, 495, 546),)),
)
_B: tuple[tuple[int, int, tuple[_Atoms, ...]], ...] = (
    (24, 2, ((7, 15, 17), (16, 4), (17, 7, 1), (22, 4, 1))),
    (40, 2, ((58, 66, 67), (39, 24, 17), (22, 13, 3), (38, 16, 3))),
    (80, 2, ((166, 148, 151), (31, 43, 65), (41, 15, 28), (77, 21, 43))),
    (96, 1, ((378, 256, 204), (54, 31, 32), (54, 26, 26), (73, 42, 26))),
    (192, 2, ((442, 433, 430), (154, 112, 263), (234, 142, 282), (295, 190, 202))),
    (320, 1, ((766, 631, 671),)),
)
_C: tuple[tuple[int, int, tuple[_Atoms, ...]], ...] = (
    (24, 2, ((15, 23, 13), (20, 3, 2), (21, 8, 1), (21, 4))),
    (40, 2, ((64, 65, 70), (40, 23, 28), (36, 21, 9), (40, 22, 7))),
    (80, 2, ((169, 170, 157), (45, 55, 74), (58, 21, 37), (77, 18, 39))),
    (96, 1, ((393, 263, 247), (57, 40, 36), (61, 34, 26), (87, 38, 33))),
    (192, 2, ((454, 468, 468), (188, 137, 306), (253, 187, 314), (345, 202, 233))),
    (320, 1, ((823, 738, 749),)),
)
_STAGES = {"a": _A, "b": _B, "c": _C}
_STEMS = {"a": 16, "b": 32, "c": 32}
_FIRST = 16  # channels of the first block


def atomnas(
    *,
    name: str,
    variant: AtomNasVariant,
    plus: bool = False,
    width_mult: float = 1.0,
    depth_mult: float = 1.0,
) -> NetworkSpec:
    """AtomNAS-A, B or C; `plus` adds squeeze-excite and Swish, as in AtomNAS-A+.

    The release has no multipliers: every width is scaled to a multiple of 8, and atoms
    keep their proportion to the inputs; the head never shrinks. A deeper stage repeats
    its last block.
    """
    activation: Activation = "silu" if plus else "relu"
    first = _block(scaled(_FIRST, width_mult), 1, 1.0, (), plus)
    blocks = [first] * repeated(1, depth_mult)
    before = _FIRST
    for channels, stride, searched in _STAGES[variant]:
        width = scaled(channels, width_mult)
        for index in range(repeated(len(searched), depth_mult)):
            atoms = searched[min(index, len(searched) - 1)]
            ratio = sum(atoms) / before  # atoms an input, as searched
            blocks.append(_block(width, stride, ratio, atoms, plus))
            before, stride = channels, 1
    return NetworkSpec(
        name=name,
        family="atomnas",
        stem=Stem(
            out_channels=scaled(_STEMS[variant], width_mult), activation=activation
        ),
        blocks=tuple(blocks),
        head=Head(
            channels=scaled(1280, max(width_mult, 1.0)),
            activation=activation,
            dropout=0.28,
        ),
        norm_eps=1e-3,
    )


def _block(
    channels: int, stride: int, expand_ratio: float, atoms: _Atoms, plus: bool
) -> MixedBottleneck:
    activation: Activation = "silu" if plus else "relu"
    return MixedBottleneck(
        out_channels=channels,
        kernel_sizes=_KERNELS[: len(atoms) or 1],
        kernel_shares=atoms,
        stride=stride,
        expand_ratio=expand_ratio,
        expand_activation=activation,
        depthwise_activation=activation,
        squeeze_excite=SqueezeExcite(reduction=2, activation="silu") if plus else None,
        squeeze_reference="inputs" if plus else "expanded",
    )
