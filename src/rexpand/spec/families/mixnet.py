"""MixNet (arXiv 1907.09595; the release in tensorflow/tpu)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from rexpand.spec.blocks import Activation, MixedBottleneck, SqueezeExcite
from rexpand.spec.families.entry import Entry, Published
from rexpand.spec.head import Head
from rexpand.spec.multipliers import repeated, scaled
from rexpand.spec.network import NetworkSpec
from rexpand.spec.stem import Stem


@dataclass(frozen=True, kw_only=True)
class _Row:
    """Equal blocks of a stage."""

    repeats: int = 1
    kernel_sizes: tuple[int, ...]
    expand_ratio: int
    expand_groups: int = 1
    project_groups: int = 1


@dataclass(frozen=True, kw_only=True)
class _Stage:
    """Blocks of one width; the first has the stride.

    `squeeze_ratio` is a share of the inputs; with 0 there is no squeeze-excite, and
    ReLU instead of Swish.
    """

    out_channels: int
    stride: int = 1
    squeeze_ratio: float = 0
    rows: tuple[_Row, ...]


_S = (
    _Stage(
        out_channels=16,
        rows=(_Row(kernel_sizes=(3,), expand_ratio=1),),
    ),
    _Stage(
        out_channels=24,
        stride=2,
        rows=(
            _Row(kernel_sizes=(3,), expand_ratio=6, expand_groups=2, project_groups=2),
            _Row(kernel_sizes=(3,), expand_ratio=3, expand_groups=2, project_groups=2),
        ),
    ),
    _Stage(
        out_channels=40,
        stride=2,
        squeeze_ratio=0.5,
        rows=(
            _Row(kernel_sizes=(3, 5, 7), expand_ratio=6),
            _Row(
                repeats=3,
                kernel_sizes=(3, 5),
                expand_ratio=6,
                expand_groups=2,
                project_groups=2,
            ),
        ),
    ),
    _Stage(
        out_channels=80,
        stride=2,
        squeeze_ratio=0.25,
        rows=(
            _Row(kernel_sizes=(3, 5, 7), expand_ratio=6, project_groups=2),
            _Row(repeats=2, kernel_sizes=(3, 5), expand_ratio=6, project_groups=2),
        ),
    ),
    _Stage(
        out_channels=120,
        squeeze_ratio=0.5,
        rows=(
            _Row(
                kernel_sizes=(3, 5, 7),
                expand_ratio=6,
                expand_groups=2,
                project_groups=2,
            ),
            _Row(
                repeats=2,
                kernel_sizes=(3, 5, 7, 9),
                expand_ratio=3,
                expand_groups=2,
                project_groups=2,
            ),
        ),
    ),
    _Stage(
        out_channels=200,
        stride=2,
        squeeze_ratio=0.5,
        rows=(
            _Row(kernel_sizes=(3, 5, 7, 9, 11), expand_ratio=6),
            _Row(
                repeats=2, kernel_sizes=(3, 5, 7, 9), expand_ratio=6, project_groups=2
            ),
        ),
    ),
)
_M = (
    _Stage(
        out_channels=24,
        rows=(_Row(kernel_sizes=(3,), expand_ratio=1),),
    ),
    _Stage(
        out_channels=32,
        stride=2,
        rows=(
            _Row(
                kernel_sizes=(3, 5, 7),
                expand_ratio=6,
                expand_groups=2,
                project_groups=2,
            ),
            _Row(kernel_sizes=(3,), expand_ratio=3, expand_groups=2, project_groups=2),
        ),
    ),
    _Stage(
        out_channels=40,
        stride=2,
        squeeze_ratio=0.5,
        rows=(
            _Row(kernel_sizes=(3, 5, 7, 9), expand_ratio=6),
            _Row(
                repeats=3,
                kernel_sizes=(3, 5),
                expand_ratio=6,
                expand_groups=2,
                project_groups=2,
            ),
        ),
    ),
    _Stage(
        out_channels=80,
        stride=2,
        squeeze_ratio=0.25,
        rows=(
            _Row(kernel_sizes=(3, 5, 7), expand_ratio=6),
            _Row(
                repeats=3,
                kernel_sizes=(3, 5, 7, 9),
                expand_ratio=6,
                expand_groups=2,
                project_groups=2,
            ),
        ),
    ),
    _Stage(
        out_channels=120,
        squeeze_ratio=0.5,
        rows=(
            _Row(kernel_sizes=(3,), expand_ratio=6),
            _Row(
                repeats=3,
                kernel_sizes=(3, 5, 7, 9),
                expand_ratio=3,
                expand_groups=2,
                project_groups=2,
            ),
        ),
    ),
    _Stage(
        out_channels=200,
        stride=2,
        squeeze_ratio=0.5,
        rows=(
            _Row(kernel_sizes=(3, 5, 7, 9), expand_ratio=6),
            _Row(
                repeats=3, kernel_sizes=(3, 5, 7, 9), expand_ratio=6, project_groups=2
            ),
        ),
    ),
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
    stem = stages[0].out_channels
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
    rows = [row for row in stage.rows for _ in range(row.repeats)]
    activation: Activation = "silu" if stage.squeeze_ratio else "relu"
    blocks = []
    for index in range(repeated(len(rows), depth_mult)):
        # A deeper stage repeats its last row.
        row = rows[min(index, len(rows) - 1)]
        blocks.append(
            MixedBottleneck(
                out_channels=scaled(stage.out_channels, width_mult),
                kernel_sizes=row.kernel_sizes,
                stride=stage.stride if index == 0 else 1,
                expand_ratio=row.expand_ratio,
                expand_groups=row.expand_groups,
                project_groups=row.project_groups,
                expand_activation=activation,
                depthwise_activation=activation,
                squeeze_excite=_squeeze_excite(stage.squeeze_ratio, row.expand_ratio),
            )
        )
    return blocks


def _squeeze_excite(squeeze_ratio: float, expand_ratio: int) -> SqueezeExcite | None:
    """The ratio is for the block's inputs, the reduction for its expanded channels."""
    if not squeeze_ratio:
        return None
    return SqueezeExcite(reduction=int(expand_ratio / squeeze_ratio), activation="silu")


_PAPER = "arXiv 1907.09595"
_MACS = (
    "the source prints {printed} but not how it counts; the convolutions,"
    " squeeze-excites and classifier of its released code are {exact} macs ({off} %"
    " less), and no count of batch norms and activations explains all three sizes"
)


def _entry(
    build: Callable[..., NetworkSpec],
    params: str,
    macs: str,
    top1: float,
    exact: str,
    off: str,
) -> Entry:
    return Entry(
        build=build,
        published=Published(params=params, macs=macs, top1=top1, source=_PAPER),
        fidelity=_MACS.format(printed=macs, exact=exact, off=off),
    )


ENTRIES: Mapping[str, Entry] = {
    "mixnet_s": _entry(mixnet_s, "4.1M", "256M", 75.8, "239.2M", "6.6"),
    "mixnet_m": _entry(mixnet_m, "5.0M", "360M", 77.0, "339.2M", "5.8"),
    "mixnet_l": _entry(
        partial(mixnet_m, width_mult=1.3), "7.3M", "565M", 78.9, "555.3M", "1.7"
    ),
}
