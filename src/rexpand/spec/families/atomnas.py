"""AtomNAS (arXiv 1912.09640; the searched networks of meijieru/AtomNAS).

The search prunes atoms: one depthwise channel with its share of both 1x1 convolutions.
So each block has its own number of channels for the kernels 3, 5 and 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

from rexpand.spec.blocks import Activation, MixedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, figures
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

AtomNasVariant = Literal["a", "b", "c"]

_KERNELS = (3, 5, 7)
_Atoms = tuple[int, ...]  # channels of the kernels 3, 5 and 7 of a block


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """Blocks of one width with their atoms; the first has the stride."""

    out_channels: int
    stride: int = 1
    atoms: tuple[_Atoms, ...]


# After the first block, which has 16 channels and no first 1x1 (apps/searched/models of
# the release).
_A = (
    _Stage(
        out_channels=24, stride=2, atoms=((16, 12, 9), (19, 2, 1), (9, 7, 1), (14, 1))
    ),
    _Stage(
        out_channels=40,
        stride=2,
        atoms=((46, 49, 50), (27, 19, 14), (22, 11, 3), (30, 14, 3)),
    ),
    _Stage(
        out_channels=80,
        stride=2,
        atoms=((127, 130, 111), (33, 25, 45), (38, 12, 34), (53, 23, 19)),
    ),
    _Stage(
        out_channels=96,
        atoms=((344, 196, 168), (44, 18, 27), (37, 29, 18), (52, 21, 24)),
    ),
    _Stage(
        out_channels=192,
        stride=2,
        atoms=((381, 364, 342), (123, 76, 162), (179, 107, 212), (238, 111, 171)),
    ),
    _Stage(out_channels=320, atoms=((654, 495, 546),)),
)
_B = (
    _Stage(
        out_channels=24, stride=2, atoms=((7, 15, 17), (16, 4), (17, 7, 1), (22, 4, 1))
    ),
    _Stage(
        out_channels=40,
        stride=2,
        atoms=((58, 66, 67), (39, 24, 17), (22, 13, 3), (38, 16, 3)),
    ),
    _Stage(
        out_channels=80,
        stride=2,
        atoms=((166, 148, 151), (31, 43, 65), (41, 15, 28), (77, 21, 43)),
    ),
    _Stage(
        out_channels=96,
        atoms=((378, 256, 204), (54, 31, 32), (54, 26, 26), (73, 42, 26)),
    ),
    _Stage(
        out_channels=192,
        stride=2,
        atoms=((442, 433, 430), (154, 112, 263), (234, 142, 282), (295, 190, 202)),
    ),
    _Stage(out_channels=320, atoms=((766, 631, 671),)),
)
_C = (
    _Stage(
        out_channels=24, stride=2, atoms=((15, 23, 13), (20, 3, 2), (21, 8, 1), (21, 4))
    ),
    _Stage(
        out_channels=40,
        stride=2,
        atoms=((64, 65, 70), (40, 23, 28), (36, 21, 9), (40, 22, 7)),
    ),
    _Stage(
        out_channels=80,
        stride=2,
        atoms=((169, 170, 157), (45, 55, 74), (58, 21, 37), (77, 18, 39)),
    ),
    _Stage(
        out_channels=96,
        atoms=((393, 263, 247), (57, 40, 36), (61, 34, 26), (87, 38, 33)),
    ),
    _Stage(
        out_channels=192,
        stride=2,
        atoms=((454, 468, 468), (188, 137, 306), (253, 187, 314), (345, 202, 233)),
    ),
    _Stage(out_channels=320, atoms=((823, 738, 749),)),
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

    The release has no multipliers. Here every width is scaled to a multiple of 8, the
    atoms keep their proportion to the inputs, and the head never becomes narrower. A
    deeper stage repeats its last block.
    """
    activation: Activation = "silu" if plus else "relu"
    first = _block(scaled(_FIRST, width_mult), 1, 1.0, (), plus)
    blocks = [first] * repeated(1, depth_mult)
    before = _FIRST
    for stage in _STAGES[variant]:
        width, searched = scaled(stage.out_channels, width_mult), stage.atoms
        for index in range(repeated(len(searched), depth_mult)):
            atoms = searched[min(index, len(searched) - 1)]
            ratio = sum(atoms) / before  # atoms per input, as searched
            stride = stage.stride if index == 0 else 1
            blocks.append(_block(width, stride, ratio, atoms, plus))
            before = stage.out_channels
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


_PAPER = "arXiv 1912.09640"
_README = "meijieru/yet_another_mobilenet_series README"
_COUNTER = (
    "the source's counter leaves batch norm out of the params and adds one mac for each"
    " element that is pooled"
)


def _entry(
    variant: AtomNasVariant,
    params: str,
    macs: str,
    top1: float,
    *,
    plus: bool = False,
    counted: str = "",
) -> Entry:
    return Entry(
        build=partial(atomnas, variant=variant, plus=plus),
        published=figures(params, macs, top1, _README).beside_paper(top1, _PAPER),
        fidelity=f"{_COUNTER}: {counted}" if counted else "",
    )


ENTRIES: Mapping[str, Entry] = {
    "atomnas_a": _entry("a", "3.9M", "258M", 74.6),
    "atomnas_b": _entry("b", "4.4M", "326M", 75.5, counted="4.416M and 326.1M"),
    "atomnas_c": _entry("c", "4.7M", "360M", 75.9, counted="4.741M and 359.9M"),
    "atomnas_a_plus": _entry(
        "a", "4.7M", "260M", 76.3, plus=True, counted="4.687M and 260.4M"
    ),
    "atomnas_b_plus": _entry(
        "b", "5.5M", "329M", 77.2, plus=True, counted="5.472M and 328.8M"
    ),
    "atomnas_c_plus": _entry(
        "c", "5.9M", "363M", 77.6, plus=True, counted="5.927M and 362.9M"
    ),
}
