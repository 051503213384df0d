"""Two ways to run the factor analysis: at the paper's size, and on two cores."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from rexpand.recipe import RECIPES, Recipe


@dataclass(frozen=True, kw_only=True)
class FactorSetting:
    """A size of the analysis; `penultimate` and `stem_stride` are the frame's."""

    macs: int
    seeds: int
    recipe: Recipe
    train_subset: int
    stem_stride: int
    penultimate: int


# The paper: about 100M, mean of three models. Its schedule is not published; that of
# its searches is 30 epochs. Nothing is chosen by the test images.
_PAPER = FactorSetting(
    macs=100_000_000,
    seeds=3,
    recipe=replace(RECIPES["search"], validation=0),
    train_subset=0,
    stem_stride=1,
    penultimate=1280,
)

# A tenth of the macs, half of the penultimate width, maps of half the side, a fifth of
# the images: two cores train its twelve networks in half an hour.
_SMALL = FactorSetting(
    macs=10_000_000,
    seeds=3,
    recipe=replace(RECIPES["search"].with_epochs(10), validation=5000),
    train_subset=10_000,
    stem_stride=2,
    penultimate=640,
)

FACTOR_SETTINGS: Mapping[str, FactorSetting] = MappingProxyType(
    {"paper": _PAPER, "small": _SMALL}
)
