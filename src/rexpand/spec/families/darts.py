"""Networks of cells (DARTS, arXiv 1806.09055), in the form for ImageNet.

Three convolutions of stride 2 lead to 28x28 pixels. The cells at one and two thirds of
the depth have stride 2 and double the width. The cells are FairDARTS-B's (arXiv
1911.12126).
"""

from collections.abc import Mapping

from rexpand.spec.blocks import Cell, CellEdge, Convolution
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

_CHANNELS = 48  # of a node of the first cell (DARTS, Section 3.3)
_CELLS = 14

# The edges (xiaomi-automl/FairDARTS, genotypes).
_NORMAL = (
    CellEdge(node=2, source=0, operation="separable"),
    CellEdge(node=2, source=1, operation="separable"),
    CellEdge(node=3, source=1, operation="separable"),
    CellEdge(node=4, source=0, operation="dilated"),
    CellEdge(node=4, source=1, operation="separable", kernel_size=5),
    CellEdge(node=5, source=1, operation="dilated", kernel_size=5),
)
_REDUCTION = (
    CellEdge(node=2, source=0, operation="factorized"),
    CellEdge(node=2, source=1, operation="dilated"),
    CellEdge(node=3, source=0, operation="factorized"),
    CellEdge(node=3, source=1, operation="dilated"),
    CellEdge(node=4, source=0, operation="max_pool"),
    CellEdge(node=4, source=1, operation="separable"),
    CellEdge(node=5, source=0, operation="max_pool"),
    CellEdge(node=5, source=2, operation="skip"),
)


def fairdarts_b(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """FairDARTS-B on ImageNet: 14 cells, 48 channels per node.

    `width_mult` scales the 48 to a multiple of 8, and all other widths with it.
    """
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
        blocks.append(_cell(width * 2**doublings, is_strided, after_stride))
    return NetworkSpec(
        name=name,
        family="fairdarts",
        stem=Stem(out_channels=width // 2, activation="relu"),
        blocks=tuple(blocks),
        head=Head(channels=0, activation="relu", dropout=0.0),
    )


def _cell(width: int, is_strided: bool, after_stride: bool) -> Cell:
    edges = _REDUCTION if is_strided else _NORMAL
    nodes = len({edge.node for edge in edges})
    return Cell(
        out_channels=nodes * width,
        edges=edges,
        before_layer="factorized" if after_stride else "pointwise",
        stride=2 if is_strided else 1,
    )


ENTRIES: Mapping[str, Entry] = {
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
}
