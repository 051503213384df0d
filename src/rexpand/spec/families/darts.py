"""Networks of cells (DARTS, arXiv 1806.09055), in the form for ImageNet.

Three convolutions of stride 2 lead to 28x28 pixels. The cells at one and two thirds of
the depth have stride 2 and double the width. The cells are those of DARTS, of P-DARTS
(arXiv 1904.12760) and of FairDARTS-B (arXiv 1911.12126).
"""

from collections.abc import Mapping

from rexpand.spec.blocks import Cell, CellEdge, Convolution
from rexpand.spec.families.entry import Entry, Published, figures
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

_CHANNELS = 48  # of a node of the first cell (DARTS, Section 3.3)
_CELLS = 14

_Edges = tuple[CellEdge, ...]

# The edges of DARTS_V2 (quark0/darts, genotypes).
_DARTS_NORMAL = (
    CellEdge(node=2, source=0, operation="separable"),
    CellEdge(node=2, source=1, operation="separable"),
    CellEdge(node=3, source=0, operation="separable"),
    CellEdge(node=3, source=1, operation="separable"),
    CellEdge(node=4, source=1, operation="separable"),
    CellEdge(node=4, source=0, operation="skip"),
    CellEdge(node=5, source=0, operation="skip"),
    CellEdge(node=5, source=2, operation="dilated"),
)
_DARTS_REDUCTION = (
    CellEdge(node=2, source=0, operation="max_pool"),
    CellEdge(node=2, source=1, operation="max_pool"),
    CellEdge(node=3, source=2, operation="skip"),
    CellEdge(node=3, source=1, operation="max_pool"),
    CellEdge(node=4, source=0, operation="max_pool"),
    CellEdge(node=4, source=2, operation="skip"),
    CellEdge(node=5, source=2, operation="skip"),
    CellEdge(node=5, source=1, operation="max_pool"),
)
# The edges of PDARTS (chenxin061/pdarts, genotypes).
_PDARTS_NORMAL = (
    CellEdge(node=2, source=0, operation="skip"),
    CellEdge(node=2, source=1, operation="dilated"),
    CellEdge(node=3, source=0, operation="skip"),
    CellEdge(node=3, source=1, operation="separable"),
    CellEdge(node=4, source=1, operation="separable"),
    CellEdge(node=4, source=3, operation="separable"),
    CellEdge(node=5, source=0, operation="separable"),
    CellEdge(node=5, source=4, operation="dilated", kernel_size=5),
)
_PDARTS_REDUCTION = (
    CellEdge(node=2, source=0, operation="avg_pool"),
    CellEdge(node=2, source=1, operation="separable", kernel_size=5),
    CellEdge(node=3, source=0, operation="separable"),
    CellEdge(node=3, source=2, operation="dilated", kernel_size=5),
    CellEdge(node=4, source=0, operation="max_pool"),
    CellEdge(node=4, source=1, operation="dilated"),
    CellEdge(node=5, source=1, operation="dilated"),
    CellEdge(node=5, source=3, operation="dilated", kernel_size=5),
)
# The edges of FairDARTS-B (xiaomi-automl/FairDARTS, genotypes).
_FAIR_NORMAL = (
    CellEdge(node=2, source=0, operation="separable"),
    CellEdge(node=2, source=1, operation="separable"),
    CellEdge(node=3, source=1, operation="separable"),
    CellEdge(node=4, source=0, operation="dilated"),
    CellEdge(node=4, source=1, operation="separable", kernel_size=5),
    CellEdge(node=5, source=1, operation="dilated", kernel_size=5),
)
_FAIR_REDUCTION = (
    CellEdge(node=2, source=0, operation="factorized"),
    CellEdge(node=2, source=1, operation="dilated"),
    CellEdge(node=3, source=0, operation="factorized"),
    CellEdge(node=3, source=1, operation="dilated"),
    CellEdge(node=4, source=0, operation="max_pool"),
    CellEdge(node=4, source=1, operation="separable"),
    CellEdge(node=5, source=0, operation="max_pool"),
    CellEdge(node=5, source=2, operation="skip"),
)


def darts(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """DARTS (second order, searched on CIFAR-10): 14 cells, 48 channels per node.

    `width_mult` scales the 48 to a multiple of 8, and all other widths with it.
    """
    cells = (_DARTS_NORMAL, _DARTS_REDUCTION)
    return _network(name, "darts", cells, width_mult, depth_mult)


def pdarts(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """P-DARTS (searched on CIFAR-10) in the network of DARTS."""
    cells = (_PDARTS_NORMAL, _PDARTS_REDUCTION)
    return _network(name, "pdarts", cells, width_mult, depth_mult)


def fairdarts_b(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """FairDARTS-B in the network of DARTS."""
    cells = (_FAIR_NORMAL, _FAIR_REDUCTION)
    return _network(name, "fairdarts", cells, width_mult, depth_mult)


def _network(
    name: str,
    family: str,
    found: tuple[_Edges, _Edges],
    width_mult: float,
    depth_mult: float,
) -> NetworkSpec:
    """The network around a normal cell and one of stride 2."""
    width = scaled(_CHANNELS, width_mult)
    cells = repeated(_CELLS, depth_mult)
    strided = {cells // 3, 2 * cells // 3}
    blocks: list[Convolution | Cell] = [
        Convolution(out_channels=width, stride=2),
        Convolution(out_channels=width, stride=2, output_activation="linear"),
    ]
    for index in range(cells):
        is_strided = index in strided
        doublings = sum(place <= index for place in strided)
        # The stem's strides are before the first cell.
        after_stride = index == 0 or index - 1 in strided
        edges = found[is_strided]
        blocks.append(_cell(width * 2**doublings, edges, is_strided, after_stride))
    return NetworkSpec(
        name=name,
        family=family,
        stem=Stem(out_channels=width // 2, activation="relu"),
        blocks=tuple(blocks),
        head=Head(channels=0, activation="relu", dropout=0.0),
    )


def _cell(width: int, edges: _Edges, is_strided: bool, after_stride: bool) -> Cell:
    nodes = len({edge.node for edge in edges})
    return Cell(
        out_channels=nodes * width,
        edges=edges,
        before_layer="factorized" if after_stride else "pointwise",
        stride=2 if is_strided else 1,
    )


_COUNTED = (
    "cells are those of the release, and its params hold; the paper prints {printed}"
    " macs and does not say how it counts: the convolutions and the classifier have"
    " {exact}{others}"
)

ENTRIES: Mapping[str, Entry] = {
    "darts": Entry(
        build=darts,
        published=figures("4.7M", "574M", 73.3, "arXiv 1806.09055, Table 3"),
        fidelity=_COUNTED.format(
            printed="574M",
            exact="529.9M",
            others=" (pytorchcv counts 539.9M, quark0/darts#46 has 523M and 544.6M)",
        ),
        aliases=("darts_v2",),
    ),
    "fairdarts_b": Entry(
        build=fairdarts_b,
        published=Published(
            params="4.8M", macs="541M", top1=75.1, source="arXiv 1911.12126"
        ),
        fidelity=(
            "the source counts params without batch norm: 4.828M; its genotype is"
            " released, the network around it is that of DARTS on ImageNet, 14 cells of"
            " 48 channels per node, whose macs are the printed ones"
        ),
    ),
    "pdarts": Entry(
        build=pdarts,
        published=figures("4.9M", "557M", 75.6, "arXiv 1904.12760"),
        fidelity=_COUNTED.format(printed="557M", exact="542.8M", others=""),
        aliases=("p_darts",),
    ),
}
