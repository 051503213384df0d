"""The trainings of finished studies as a table: a small tabular benchmark."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rexpand.ranges import (
    COUNT,
    IMAGES,
    NAME,
    PERCENT,
    SECONDS,
    SEED,
    SEEDS,
    SHARE,
    TRIAL,
    WIDTH,
)
from rexpand.recipe import Recipe
from rexpand.records.provenance import Provenance
from rexpand.records.record import Measured
from rexpand.spec import NetworkSpec

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class TableStudy:
    """What the trainings of one study have in common: its protocol.

    `spec` is the network whose channels were searched; `with_channels` makes it a
    trial's. Without classes it has no classifier, and its cost counts none. Of the
    training images `train_subset` were trained on (0 for all that are not held out),
    `evaluated_images` that are held out judged. `drawn` configurations were drawn, of
    which those that finished are in the table.
    """

    name: Annotated[str, NAME]
    spec: NetworkSpec
    data: str
    budget_macs: Annotated[int, COUNT] | None
    budget_params: Annotated[int, COUNT] | None
    slack: Annotated[float, SHARE]
    drawn: Annotated[int, COUNT]
    seeds: Annotated[int, SEEDS]
    recipe: Recipe
    train_subset: Annotated[int, IMAGES]
    evaluated_images: Annotated[int, IMAGES] | None
    sampling_seed: Annotated[int, SEED]
    provenances: tuple[Provenance, ...]

    @property
    def bounds(self) -> Mapping[str, float]:
        """The bounds of the budget that are set, by name."""
        pairs = (("macs", self.budget_macs), ("params", self.budget_params))
        return {name: bound for name, bound in pairs if bound is not None}


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """One training: a configuration, a seed, and what came out.

    `trial` is the number of the configuration in its study, `shape` the stratum that it
    was drawn from. `params`, `macs`, `activations` and `memory_access` are of one image.
    `accuracy` is top-1 in percent after the last epoch, `epoch_accuracies` after each of
    them, all of held-out training images. `nuclear_norm` and `effective_rank` are those
    of the penultimate features of these images at the end. `seconds` is the time of the
    training.
    """

    study: Annotated[str, NAME]
    trial: Annotated[int, TRIAL]
    seed: Annotated[int, SEED]
    shape: Annotated[str, NAME]
    channels: tuple[Annotated[int, WIDTH], ...]
    params: Annotated[int, COUNT]
    macs: Annotated[int, COUNT]
    activations: Annotated[int, COUNT]
    memory_access: Annotated[int, COUNT]
    accuracy: Annotated[float, PERCENT]
    epoch_accuracies: tuple[Annotated[float, PERCENT], ...]
    nuclear_norm: Measured | None
    effective_rank: Measured | None
    seconds: Annotated[float, SECONDS]


@dataclass(frozen=True, kw_only=True, repr=False)
class SearchTable:
    """The trainings of one or several studies, and the protocol of each study."""

    studies: tuple[TableStudy, ...]
    rows: tuple[TableRow, ...]

    def study(self, name: str) -> TableStudy:
        """The protocol of the study of that name, which a row has."""
        return next(each for each in self.studies if each.name == name)

    def __repr__(self) -> str:
        """One line: how many trainings of which studies."""
        names = ", ".join(each.name for each in self.studies)
        return f"<SearchTable: {len(self.rows)} trainings of {names}>"


@dataclass(frozen=True, kw_only=True)
class StudyGap:
    """Two shapes within one study: how many trials of each, and what they differ by.

    `difference` is the first's mean accuracy less the second's, in points, with Welch's
    interval of 95 %; `params` are the mean params of both, as equal macs leave them free.
    """

    study: str
    trials: tuple[int, int]
    params: tuple[float, float]
    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class EqualGrowth:
    """A difference of two shapes where growth, the last width over the first, is equal.

    It is of trials in all studies: a regression takes out of each study a parabola in
    log(growth). The interval is of 95 %, by Student's t.
    """

    difference: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, kw_only=True)
class ShapeVerdict:
    """Two shapes over all studies of a table, each study counting alike.

    `difference` is the mean of those within the studies, with its interval of 95 % and p
    by Welch's approximation. A true difference of `findable` points would be told from 0
    with a power of 80 %; a smaller one is more often missed. `equal_growth` is None where
    the trials are too few for it.
    """

    first: str
    second: str
    studies: tuple[StudyGap, ...]
    difference: float
    low: float
    high: float
    p_value: float
    findable: float
    equal_growth: EqualGrowth | None
