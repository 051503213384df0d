"""What `rexpand search run` was asked to search, and the design that it becomes."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note_resized
from rexpand.cli.detect_options import (
    DetectionRecipeOptions,
    DetectorName,
    SkipDefects,
)
from rexpand.cli.option_groups import spread
from rexpand.cli.recipe_options import RecipeOptions, print_recipe
from rexpand.cli.sampling_options import SamplingOptions
from rexpand.errors import MistakeError, quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from rexpand.budget import Budget
    from rexpand.recipe import DetectionRecipe, Recipe
    from rexpand.search.design import StudyDesign
    from rexpand.search.pruning import Pruning
    from rexpand.spec import SpecLike
    from rexpand.transfer.detection import DetectorAsked


@dataclass(frozen=True, kw_only=True)
class DetectorOptions:
    """What the command line says of trials that are detectors."""

    detector: Annotated[
        DetectorName | None,
        typer.Option(
            "--detector",
            help="Search the backbone of a detector: every trial is one, on the annotated "
            "images of --data, and the bounds are of all of it.",
        ),
    ] = None
    detector_sets: Annotated[
        list[str] | None,
        typer.Option(
            "--detector-set",
            metavar="FIELD=VALUE",
            help="Change a field of the detector, e.g. reduced_first=true; may be "
            "repeated.",
        ),
    ] = None
    skip_defects: SkipDefects = False

    def asked(self, resolution: int | None) -> "DetectorAsked":
        """The detector, on images of that side."""
        from rexpand.recipe import Change
        from rexpand.transfer.detection import DetectorAsked

        assert self.detector is not None
        return DetectorAsked(
            detector=self.detector.value,
            resolution=resolution,
            changes=[Change.parse(text) for text in self.detector_sets or ()],
        )

    def check_alone(self) -> None:
        """Raise MistakeError for options that mean nothing without a detector."""
        sets = self.detector_sets or []
        given = [f"--detector-set {quoted(each)}" for each in sets]
        given += ["--skip-defects"] if self.skip_defects else []
        if given:
            raise MistakeError(f"{given[0]} is for detectors; add --detector ssdlite")


@dataclass(frozen=True, kw_only=True)
class StudyAsked:
    """What a study is asked to be, by the options of `rexpand search run`."""

    network: str
    data: str
    budget: "Budget"
    resolution: int | None
    trials: int
    seeds: int
    recipe: RecipeOptions
    detection: DetectorOptions
    train_subset: int
    multiple_of: int
    pruning: "Pruning"
    data_root: Path | None
    sampling: SamplingOptions

    def design(self) -> "StudyDesign":
        """The design; raises as `design_study` and `design_detector_study` do."""
        if self.detection.detector is None:
            return self._of_classifiers()
        return self._of_detectors()

    def _of_classifiers(self) -> "StudyDesign":
        from rexpand.search.studies import design_study

        sampling = self.sampling
        design, images = design_study(
            self._network(),
            self.budget,
            data=self.data,
            trials=self.trials,
            seeds=self.seeds,
            recipe=recipe_for(self.recipe, self.data, self.data_root),
            resolution=self.resolution,
            train_subset=self.train_subset,
            sampler=sampling.chosen(),
            sampling_seed=sampling.seed,
            multiple_of=self.multiple_of,
            slack=sampling.slack,
            min_width=sampling.min_width,
            max_growth=sampling.max_growth,
            pruning=self.pruning,
            data_root=self.data_root,
        )
        note_resized(self.data, images.train)
        return design

    def _of_detectors(self) -> "StudyDesign":
        from rexpand.transfer.detection import design_detector_study

        sampling = self.sampling
        design, _ = design_detector_study(
            self._network(),
            self.budget,
            self.detection.asked(self.resolution),
            data=self.data,
            trials=self.trials,
            seeds=self.seeds,
            recipe=detection_recipe(self.recipe),
            skip_defects=self.detection.skip_defects,
            train_subset=self.train_subset,
            sampler=sampling.chosen(),
            sampling_seed=sampling.seed,
            multiple_of=self.multiple_of,
            slack=sampling.slack,
            min_width=sampling.min_width,
            max_growth=sampling.max_growth,
            pruning=self.pruning,
            data_root=self.data_root,
        )
        return design

    def _network(self) -> "SpecLike":
        """The network, read back as a spec where it is a module without weights."""
        from rexpand.advise.find import find_spec
        from rexpand.spec import Source

        source = Source.parse(self.network)
        is_read = source.is_foreign and source.weights is None
        return find_spec(source) if is_read else source


def recipe_for(asked: RecipeOptions, data: str, data_root: Path | None) -> "Recipe":
    """The recipe of classifiers: the one asked for, or the data set's own."""
    from rexpand.data.catalogue import search_recipe_for

    return asked.chosen(lambda: search_recipe_for(data, data_root))


def print_recipe_of(
    asked: RecipeOptions,
    detection: DetectorOptions,
    data: str,
    data_root: Path | None,
    as_json: bool,
) -> None:
    """The recipe of the trials, for `--show`."""
    if detection.detector is not None:
        print_recipe(detection_recipe(asked), as_json)
        return
    from rexpand.data.load import load
    from rexpand.search.design import holding_out

    images = load(data, root=data_root)
    recipe = recipe_for(asked, data, data_root)
    print_recipe(holding_out(recipe, images), as_json)


def detection_recipe(asked: RecipeOptions) -> "DetectionRecipe":
    """The recipe of detectors that the same options ask for; quick without a name."""
    return DetectionRecipeOptions(
        recipe=asked.recipe or DetectionRecipeOptions.recipe,
        epochs=asked.epochs,
        batch_size=asked.batch_size,
        learning_rate=asked.learning_rate,
        optimizer=asked.optimizer,
        weight_decay=asked.weight_decay,
        schedule=asked.schedule,
        augment=asked.augment,
        ema=asked.ema,
        sets=asked.sets,
    ).chosen()


def takes_detector(verb: "Callable[..., None]") -> "Callable[..., None]":
    """The verb with those options where it has the parameter `detection`."""
    return spread(verb, "detection")
