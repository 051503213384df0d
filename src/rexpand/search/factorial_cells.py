"""The four factors of the analysis that answers the critics, and a cell of each run.

ReXNet differs from the networks before it in its channels, its nonlinearity and its
squeeze-excites, and its published accuracies also in the augmentation. Each is a factor
with two levels. All cells have equal macs: the channels of each are solved for them.
"""

from dataclasses import dataclass, replace

from rexpand.budget import Budget, Solution, solve
from rexpand.errors import BudgetError, SpecError
from rexpand.recipe import RandAugment, RandomErasing, Recipe
from rexpand.records import Factor
from rexpand.search.factorial import Factorial, yates
from rexpand.spec import (
    Activation,
    Head,
    InvertedBottleneck,
    Linear,
    NetworkSpec,
    SqueezeExcite,
    Stem,
    stages_of,
)

FACTORS = (
    Factor(letter="A", name="channels", low="stage-wise", high="linear"),
    Factor(letter="B", name="nonlinearity", low="relu6", high="silu"),
    Factor(letter="C", name="squeeze-excite", low="off", high="on"),
    Factor(letter="D", name="augmentation", low="plain", high="paper"),
)

# ReXNet's own (spec/families/rexnet.py).
_SQUEEZE = SqueezeExcite(reduction=12, norm=True, position="before_activation")


@dataclass(frozen=True, kw_only=True)
class FactorialCell:
    """One combination of levels: the letters of the factors that are high."""

    high: str
    spec: NetworkSpec
    recipe: Recipe


def small_frame() -> NetworkSpec:
    """Nine inverted bottlenecks in three stages for 32 pixels: 16, 32 and 64 channels.

    Channels double from stage to stage, as is the custom that the paper contests. Maps
    have 16, 8 and 4 pixels, the penultimate layer four times the last channels. As in
    MobileNetV2 and ReXNet the first block does not expand.
    """
    stages = ((16, 1), (32, 2), (64, 2))
    return NetworkSpec(
        name="small_frame",
        family="factorial",
        stem=Stem(out_channels=16, stride=2),
        blocks=tuple(
            InvertedBottleneck(
                out_channels=width,
                stride=1 if index else stride,
                expand_ratio=6 if stage or index else 1,
            )
            for stage, (width, stride) in enumerate(stages)
            for index in range(3)
        ),
        head=Head(channels=256, dropout=0.0),
        resolution=32,
    )


def factorial_cells(
    factorial: Factorial,
    network: NetworkSpec,
    recipe: Recipe,
    macs: int,
    tolerance: float,
) -> tuple[FactorialCell, ...]:
    """The network and the recipe of every run, each within `macs` and near it.

    `network` gives stages, strides, expansions and head. Its stages are scaled; the line
    begins at the width of the first of them. Raises SpecError unless its blocks are inverted
    bottlenecks, and BudgetError where a cell would stay below the macs by more than
    `tolerance`, a share of them.
    """
    _check_blocks(network)
    cells = []
    for high in factorial.runs:
        solved = _solved(network, high, macs)
        if solved.fill < 1 - tolerance:
            raise BudgetError(
                f"of macs {macs:,} the widest network of run {yates(high)} has "
                f"{solved.cost.macs:,}, {100 * (1 - solved.fill):.1f} % fewer; give more "
                "macs, or a wider tolerance"
            )
        cells.append(
            FactorialCell(
                high=high,
                spec=replace(solved.spec, name=f"{network.name}-{yates(high)}"),
                recipe=_augmented(recipe, is_paper="D" in high),
            )
        )
    return tuple(cells)


def _check_blocks(network: NetworkSpec) -> None:
    for index, block in enumerate(network.blocks):
        if not isinstance(block, InvertedBottleneck):
            raise SpecError(
                f"block {index} of {network.name} is a {block.kind}; the analysis needs a "
                "network of inverted bottlenecks, such as mobilenetv2_100"
            )


def _solved(network: NetworkSpec, high: str, macs: int) -> Solution:
    """The channels of a run that fill the macs."""
    framed = _framed(network, is_silu="B" in high, squeezes="C" in high)
    stagewise = solve(framed, Budget(macs=macs), stages_of(network))
    if "A" not in high:
        return stagewise
    line = Linear(intercept=float(stagewise.spec.channels[0]))
    return solve(framed, Budget(macs=macs), line)


def _framed(network: NetworkSpec, *, is_silu: bool, squeezes: bool) -> NetworkSpec:
    """The nonlinearity where ReXNet has SiLU, and its squeeze-excite in what expands.

    That is after the stem, each first 1x1 and the penultimate layer; after a depthwise
    convolution it stays the network's own.
    """
    activation: Activation = "silu" if is_silu else "relu6"
    return replace(
        network,
        stem=replace(network.stem, activation=activation),
        blocks=tuple(
            replace(
                block,
                expand_activation=activation,
                squeeze_excite=_SQUEEZE if squeezes and block.expands else None,
            )
            for block in network.blocks
            if isinstance(block, InvertedBottleneck)
        ),
        head=replace(network.head, activation=activation),
    )


def _augmented(recipe: Recipe, *, is_paper: bool) -> Recipe:
    """The recipe's crop and flip alone, or with the paper's two (arXiv 2007.00992, 5.1)."""
    augmentation = replace(
        recipe.augmentation,
        rand_augment=RandAugment() if is_paper else None,
        erasing=RandomErasing() if is_paper else None,
    )
    return replace(recipe, augmentation=augmentation)
