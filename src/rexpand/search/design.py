"""What a study was asked to do, as data and as a file."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rexpand.allowed import check_fields
from rexpand.budget import MAX_GROWTH, Budget, Sample, sample
from rexpand.errors import DataError, StudyError
from rexpand.ranges import (
    GROWTH,
    IMAGES,
    MULTIPLE_OF,
    PLACE,
    SEED,
    SEEDS,
    SHARE,
    TRIALS,
    WIDTH,
)
from rexpand.recipe import DetectorTrialRecipe, Recipe
from rexpand.records import ExperimentFolder, Provenance, this_provenance
from rexpand.search.pruning import LEAST_EPOCHS, Pruning, pauses
from rexpand.search.sampler import Sampler
from rexpand.spec import DetectorSpec, NetworkSpec, SpecLike, as_spec

if TYPE_CHECKING:
    from rexpand.data.dataset import DataSet


# Of the training images, for a recipe that holds out none: a tenth, as CIFAR's 5,000.
_HELD_OUT_SHARE = 10
_MOST_HELD_OUT = 5000
VERSION = 5  # of the format of a design


@dataclass(frozen=True, kw_only=True)
class StudyDesign:
    """N configurations of a network within a budget, each trained for some seeds.

    `sampler` chooses the configurations, by the `sampling_seed`, which also draws the
    training images if `train_subset` (their number, 0 for all) asks for fewer; training
    seeds count from 0. The images that the recipe holds out of the training set judge the
    trials, never test images. `pruning` names the rule by which trials stop early
    (`rexpand.search.pruning`). `slack`, `min_width` and `max_growth` hold for every
    configuration. `earlier_trials` are the numbers of trials that a random study had
    before it was extended: their configurations come first. With a recipe of detectors
    each trial is the budget's detector on its own channels.
    """

    spec: NetworkSpec
    data: Annotated[str, PLACE]
    budget: Budget
    trials: Annotated[int, TRIALS]
    seeds: Annotated[int, SEEDS]
    recipe: Recipe | DetectorTrialRecipe
    train_subset: Annotated[int, IMAGES] = 0
    sampler: Sampler = field(default_factory=Sampler)
    sampling_seed: Annotated[int, SEED] = 0
    multiple_of: Annotated[int, MULTIPLE_OF] = 1
    slack: Annotated[float, SHARE] = 0.05
    min_width: Annotated[int, WIDTH] | None = None
    max_growth: Annotated[float, GROWTH] = MAX_GROWTH
    pruning: Pruning = "none"
    earlier_trials: tuple[Annotated[int, TRIALS], ...] = ()

    def __post_init__(self) -> None:
        check_fields(self, StudyError)
        self.sampler.check_trials(self.trials)
        if not self.recipe.validation:
            raise StudyError(
                "the recipe's validation is 0, so that test images would judge the "
                "trials; give a recipe that holds training images out"
            )
        if isinstance(self.recipe, DetectorTrialRecipe):
            self._check_detectors()
        if self.pruning != "none" and not pauses(self.pruning, self.recipe.epochs):
            raise StudyError(
                f"pruning by {self.pruning} stops no trial of {self.recipe.epochs} epochs; "
                f"give {LEAST_EPOCHS} or more, or no pruning"
            )

    def _check_detectors(self) -> None:
        detector = self.budget.detector
        if detector is None or detector.backbone != self.spec:
            raise StudyError(
                f"the trials are detectors on {self.spec.name}, and the budget is of "
                f"{self.budget.name(self.spec)}; give one of the detector on this network"
            )
        if self.pruning != "none":
            raise StudyError(
                f"pruning by {self.pruning} looks at every epoch, and detectors are judged "
                "at the end; give pruning none"
            )

    @property
    def detector(self) -> DetectorSpec | None:
        """What the trials are on their own channels; None where they are classifiers."""
        is_of_detectors = isinstance(self.recipe, DetectorTrialRecipe)
        return self.budget.detector if is_of_detectors else None

    @property
    def cohorts(self) -> tuple[int, ...]:
        """Up to which numbers trials were asked for, or are proposed, together."""
        if self.sampler.is_adaptive:
            size = self.sampler.generation
            return (*range(size, self.trials, size), self.trials)
        return (*self.earlier_trials, self.trials)


def fitted_to(spec: SpecLike, data: "DataSet") -> NetworkSpec:
    """The spec that the budget bounds: fitted to the images, and to the classes too.

    A network without a classifier stays without one: the paper's budgets count none.
    """
    spec = as_spec(spec)
    spec = spec.for_images(resolution=data.resolution, in_channels=data.in_channels)
    return spec.with_classes(data.num_classes) if spec.num_classes else spec


def holding_out(recipe: Recipe, data: "DataSet") -> Recipe:
    """The recipe, with training images held out to judge the trials if it has none.

    They are a tenth of the training images, at most 5,000 and at least one per class.
    Raises DataError if that leaves fewer than two to train on.
    """
    if recipe.validation:
        return recipe
    images = len(data.train)
    held_out = max(min(images // _HELD_OUT_SHARE, _MOST_HELD_OUT), data.num_classes)
    if images - held_out < 2:
        raise DataError(
            f"{data.name} has {images} training images of {data.num_classes} classes; a "
            f"search needs {held_out} to judge its trials and at least 2 to train on"
        )
    return replace(recipe, validation=held_out)


def drawn(design: StudyDesign, trials: int | None = None) -> Sample:
    """The random configurations of a study, or a random sample of so many `trials`.

    They are all of its configurations, or the first generation of an adaptive sampler.
    Raises BudgetError if there are none within the budget.
    """
    if trials is None:
        trials = design.sampler.first_trials(design.trials)
    return sample(
        design.spec,
        design.budget,
        trials,
        seed=design.sampling_seed,
        slack=design.slack,
        multiple_of=design.multiple_of,
        min_width=design.min_width,
        max_growth=design.max_growth,
        earlier=design.earlier_trials,
    )


def extended(design: StudyDesign, trials: int) -> StudyDesign:
    """The design with more trials; the same one if it has as many.

    An adaptive sampler goes on as if so many had been asked for at first.
    """
    if trials <= design.trials:
        return design
    if design.sampler.is_adaptive:
        return replace(design, trials=trials)
    earlier = (*design.earlier_trials, design.trials)
    return replace(design, trials=trials, earlier_trials=earlier)


def study_folder(path: str | Path) -> ExperimentFolder[StudyDesign]:
    """The folder of a study."""
    path = Path(path)
    return ExperimentFolder(
        path=path,
        design=StudyDesign,
        name="study",
        started_by="rexpand search run",
        file="study.json",
        version=VERSION,
        may_grow=("trials", "earlier_trials"),
        results="trials/*/seed-*/*.json",
        bookkeeping=("journal.log", "journal.log.lock", "storage.json"),
        begun="storage.json",
    )


def create_study(
    design: StudyDesign, path: str | Path, storage: str | None = None
) -> Sample:
    """Make a study folder, or extend the same study there if it has fewer trials.

    Gives its random configurations. `storage` is the address of a database, in which the
    study has the name of the folder; without one it stays where it is, a new one in the
    folder's journal file. Raises StudyError if the folder or the database holds another
    study or a driver is at work that knows of fewer trials, StorageError for a database
    that cannot be used, and BudgetError as `sample` does; a refused study changes no
    folder.
    """
    # They know of designs.
    from rexpand.search.address import agreed_address, write_address
    from rexpand.search.stored import joined_at

    path = Path(path)
    folder = study_folder(path)
    folder.check_own()
    address = agreed_address(storage, path)
    if folder.exists():
        grown = extended(folder.read(), design.trials)
        design = replace(
            design, trials=grown.trials, earlier_trials=grown.earlier_trials
        )
    configurations = _checked(design)
    if address is not None:
        joint = joined_at(address, path, design)
        configurations = configurations if joint == design else _checked(joint)
        design = joint
    folder.create(design, design_provenance())
    if address is not None:
        write_address(address, path)
    return configurations


def _checked(design: StudyDesign) -> Sample:
    """What `drawn` gives, where the family has configurations for all trials."""
    if design.sampler.is_adaptive:
        drawn(design, design.sampler.whole_generations(design.trials))
    return drawn(design)


def extend_study(path: str | Path, trials: int) -> None:
    """Give a study more trials. Raises StudyError if it has more already."""
    design = read_study(path)
    if trials < design.trials:
        raise StudyError(
            f"{path} has {design.trials} trials, and {trials} are fewer; give more"
        )
    create_study(replace(design, trials=trials), path)


def read_study(path: str | Path) -> StudyDesign:
    """The design in a study folder.

    Raises StudyError if there is none, or if another version wrote it.
    """
    path = Path(path)
    return study_folder(path).read()


def design_provenance() -> Provenance:
    """Who designed an experiment; what computed is said by its records."""
    return this_provenance(("rexpand",), threads=None)
