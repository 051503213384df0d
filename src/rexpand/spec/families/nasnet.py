"""NASNet-A, AmoebaNet-A and PNASNet-5 for ImageNet, in their mobile setting.

An unpadded convolution of stride 2 and two cells of stride 2 lead to 28x28 pixels, then
three stages of cells follow, each twice as wide. All cells have five nodes, each the
sum of two operations; what no node reads is concatenated. Cells and networks are those
of the releases (arXiv 1707.07012 and 1712.00559: tensorflow/models, slim; arXiv
1802.01548: tensorflow/tpu, model_specs.py). A release numbers the last output 0 and the
one before it 1; here it is the other way round, as in DARTS.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from rexpand.spec.blocks import Cell, CellEdge, InputLayer, Operation
from rexpand.spec.families.entry import Entry, figures
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

_STEM = 32
_STAGES = 3
_NORM_EPS = 1e-3  # of the releases


@dataclass(frozen=True, kw_only=True)
class _Design:
    """What the search found, and the size of the mobile setting.

    `cells` of stride 1 make a stage; a stage but the first begins with a cell of stride
    2, in addition to them or, in PNASNet, as the first of them.
    """

    normal: tuple[CellEdge, ...]
    normal_outputs: tuple[int, ...]
    reduction: tuple[CellEdge, ...]
    reduction_outputs: tuple[int, ...]
    channels: int
    cells: int
    adds_reductions: bool = True


def _pairs(*operations: tuple[Operation, int, int]) -> tuple[CellEdge, ...]:
    """The edges of operations, kernels and sources in a row; two make a node."""
    return tuple(
        CellEdge(
            node=2 + index // 2,
            source=source,
            operation=operation,
            kernel_size=kernel_size,
        )
        for index, (operation, kernel_size, source) in enumerate(operations)
    )


_NASNET = _Design(
    normal=_pairs(
        *(("separable", 5, 1), ("separable", 3, 0)),
        *(("separable", 5, 0), ("separable", 3, 0)),
        *(("avg_pool", 3, 1), ("skip", 3, 0)),
        *(("avg_pool", 3, 0), ("avg_pool", 3, 0)),
        *(("separable", 3, 1), ("skip", 3, 1)),
    ),
    normal_outputs=(0, 2, 3, 4, 5, 6),
    reduction=_pairs(
        *(("separable", 5, 1), ("separable", 7, 0)),
        *(("max_pool", 3, 1), ("separable", 7, 0)),
        *(("avg_pool", 3, 1), ("separable", 5, 0)),
        *(("skip", 3, 3), ("avg_pool", 3, 2)),
        *(("separable", 3, 2), ("max_pool", 3, 1)),
    ),
    reduction_outputs=(3, 4, 5, 6),
    channels=44,
    cells=4,
)
_AMOEBANET = _Design(
    normal=_pairs(
        *(("avg_pool", 3, 1), ("max_pool", 3, 1)),
        *(("separable", 3, 0), ("skip", 3, 0)),
        *(("skip", 3, 1), ("avg_pool", 3, 0)),
        *(("separable", 3, 1), ("separable", 5, 2)),
        *(("avg_pool", 3, 5), ("separable", 3, 1)),
    ),
    normal_outputs=(0, 3, 4, 6),
    reduction=_pairs(
        *(("separable", 3, 0), ("avg_pool", 3, 1)),
        *(("max_pool", 3, 1), ("separable", 7, 2)),
        *(("max_pool", 3, 0), ("max_pool", 3, 1)),
        *(("separable", 3, 4), ("row_column", 7, 1)),
        *(("avg_pool", 3, 0), ("separable", 7, 1)),
    ),
    reduction_outputs=(2, 3, 4, 5, 6),
    channels=50,
    cells=4,
)
_PNASNET_CELL: tuple[tuple[Operation, int, int], ...] = (
    *(("separable", 5, 0), ("max_pool", 3, 0)),
    *(("separable", 7, 1), ("max_pool", 3, 1)),
    *(("separable", 5, 1), ("separable", 3, 1)),
    *(("separable", 3, 4), ("max_pool", 3, 1)),
)
_PNASNET = _Design(
    normal=_pairs(*_PNASNET_CELL, ("separable", 3, 0), ("skip", 3, 1)),
    normal_outputs=(2, 3, 4, 5, 6),
    reduction=_pairs(*_PNASNET_CELL, ("separable", 3, 0), ("pointwise", 3, 1)),
    reduction_outputs=(2, 3, 4, 5, 6),
    channels=54,
    cells=3,
    adds_reductions=False,
)


def nasnet_a(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """NASNet-A (4 @ 1056); `width_mult` scales the 44 channels to an even number."""
    return _network(name, "nasnet", _NASNET, width_mult, depth_mult)


def amoebanet_a(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """AmoebaNet-A (N = 4, F = 50); its channels fall after a cell of stride 2."""
    return _network(name, "amoebanet", _AMOEBANET, width_mult, depth_mult)


def pnasnet_5(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """PNASNet-5 (N = 3, F = 54): one cell, at both strides."""
    return _network(name, "pnasnet", _PNASNET, width_mult, depth_mult)


def _network(
    name: str, family: str, design: _Design, width_mult: float, depth_mult: float
) -> NetworkSpec:
    width = scaled(design.channels, width_mult, 2)
    per_stage = repeated(design.cells, depth_mult)
    blocks = [
        _reduction(design, max(2, width // 4), "input"),
        _reduction(design, max(2, width // 2), "factorized"),
    ]
    for stage in range(_STAGES):
        strided = stage > 0
        if strided:
            blocks.append(_reduction(design, width * 2**stage, "pointwise"))
        for index in range(per_stage - (strided and not design.adds_reductions)):
            blocks.append(
                Cell(
                    out_channels=len(design.normal_outputs) * width * 2**stage,
                    edges=design.normal,
                    outputs=design.normal_outputs,
                    before_layer="factorized" if index == 0 else "pointwise",
                )
            )
    blocks[-1] = blocks[-1].with_activation("output", "relu")
    return NetworkSpec(
        name=name,
        family=family,
        stem=Stem(out_channels=_STEM, activation="linear", padded=False),
        blocks=tuple(blocks),
        head=Head(channels=0, activation="relu", dropout=0.5),
        non_decreasing=len(design.normal_outputs) >= len(design.reduction_outputs),
        norm_eps=_NORM_EPS,
    )


def _reduction(design: _Design, width: int, before_layer: InputLayer) -> Cell:
    return Cell(
        out_channels=len(design.reduction_outputs) * width,
        edges=design.reduction,
        outputs=design.reduction_outputs,
        before_layer=before_layer,
        stride=2,
    )


_PNASNET_MACS = (
    "layers are those of the release; the paper prints 588M macs for 587.3M, which a"
    " first convolution with padding (587.6M) would have"
)

ENTRIES: Mapping[str, Entry] = {
    "amoebanet_a": Entry(
        build=amoebanet_a,
        published=figures("5.1M", "555M", 74.5, "arXiv 1802.01548"),
        aliases=("amoebanet_a_mobile",),
    ),
    "nasnet_a": Entry(
        build=nasnet_a,
        published=figures("5.3M", "564M", 74.0, "arXiv 1707.07012, Table 3"),
        aliases=("nasnet_a_mobile",),
    ),
    "pnasnet_5": Entry(
        build=pnasnet_5,
        published=figures("5.1M", "588M", 74.2, "arXiv 1712.00559"),
        fidelity=_PNASNET_MACS,
        aliases=("pnasnet_5_mobile",),
    ),
}
