"""MixNet (arXiv 1907.09595; the release in tensorflow/tpu)."""

from rexpand.spec.blocks import MixedBottleneck, SqueezeExcite
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem

# A stage: channels, stride, squeeze ratio of the inputs (0: none, and ReLU instead of
# Swish), and its rows: repeats, kernels, expand ratio, groups of both 1x1.
_Row = tuple[int, tuple[int, ...], int, int, int]
_Stage = tuple[int, int, float, tuple[_Row, ...]]

_S: tuple[_Stage, ...] = (
    (16, 1, 0, ((1, (3,), 1, 1, 1),)),
    (24, 2, 0, ((1, (3,), 6, 2, 2), (1, (3,), 3, 2, 2))),
    (40, 2, 0.5, ((1, (3, 5, 7), 6, 1, 1), (3, (3, 5), 6, 2, 2))),
    (80, 2, 0.25, ((1, (3, 5, 7), 6, 1, 2), (2, (3, 5), 6, 1, 2))),
    (120, 1, 0.5, ((1, (3, 5, 7), 6, 2, 2), (2, (3, 5, 7, 9), 3, 2, 2))),
    (200, 2, 0.5, ((1, (3, 5, 7, 9, 11), 6, 1, 1), (2, (3, 5, 7, 9), 6, 1, 2))),
)
_M: tuple[_Stage, ...] = (
    (24, 1, 0, ((1, (3,), 1, 1, 1),)),
    (32, 2, 0, ((1, (3, 5, 7), 6, 2, 2), (1, (3,), 3, 2, 2))),
    (40, 2, 0.5, ((1, (3, 5, 7, 9), 6, 1, 1), (3, (3, 5), 6, 2, 2))),
    (80, 2, 0.25, ((1, (3, 5, 7), 6, 1, 1), (3, (3, 5, 7, 9), 6, 2, 2))),
    (120, 1, 0.5, ((1, (3,), 6, 1, 1), (3, (3, 5, 7, 9), 3, 2, 2))),
    (200, 2, 0.5, ((1, (3, 5, 7, 9), 6, 1, 1), (3, (3, 5, 7, 9), 6, 1, 2))),
)


def mixnet_s(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """MixNet-S."""
    return _mixnet(name, _S, 0.2, width_mult, depth_mult)


def mixnet_m(
    *, name: str, width_mult: float = 1.0, depth_mult: float = 1.0
) -> NetworkSpec:
    """MixNet-M; with a width_mult of 1.3, MixNet-L."""
    return _mixnet(name, _M, 0.25, width_mult, depth_mult)


def _mixnet(
    name: str,
    stages: tuple[_Stage, ...],
    dropout: float,
    width_mult: float,
    depth_mult: float,
) -> NetworkSpec:
    """The stem is as wide as the first stage; the head keeps its 1,536 channels."""
    stem = stages[0][0]
    blocks = tuple(
        block for stage in stages for block in _stage(stage, width_mult, depth_mult)
    )
    return NetworkSpec(
        name=name,
        family="mixnet",
        stem=Stem(out_channels=scaled(stem, width_mult), activation="relu"),
        blocks=blocks,
        head=Head(channels=1536, activation="relu", dropout=dropout),
    )


def _stage(
    stage: _Stage, width_mult: float, depth_mult: float
) -> list[MixedBottleneck]:
    channels, stride, squeeze_ratio, rows = stage
    unrolled = [row for row in rows for _ in range(row[0])]
    blocks = []
    for index in range(repeated(len(unrolled), depth_mult)):
        # A deeper stage repeats its last row.
        row = unrolled[min(index, len(unrolled) - 1)]
        _, kernels, expand_ratio, expand_groups, project_groups = row
        blocks.append(
            MixedBottleneck(
                out_channels=scaled(channels, width_mult),
                kernel_sizes=kernels,
                stride=stride if index == 0 else 1,
                expand_ratio=expand_ratio,
                expand_groups=expand_groups,
                project_groups=project_groups,
                expand_activation="silu" if squeeze_ratio else "relu",
                depthwise_activation="silu" if squeeze_ratio else "relu",
                squeeze_excite=_squeeze_excite(squeeze_ratio, expand_ratio),
            )
        )
    return blocks


def _squeeze_excite(squeeze_ratio: float, expand_ratio: int) -> SqueezeExcite | None:
    """The ratio is of the block's inputs, the reduction of its expanded channels."""
    if not squeeze_ratio:
        return None
    return SqueezeExcite(reduction=int(expand_ratio / squeeze_ratio), activation="silu")
