"""A search for the channels of a detector's backbone, from names."""

from dataclasses import replace
from pathlib import Path

import torch

from rexpand.budget import MAX_GROWTH, Budget
from rexpand.data.detection import DetectionData, judged_within, load_detection
from rexpand.data.detection.load import HELD_OUT
from rexpand.errors import DataError
from rexpand.recipe import DetectionRecipe, DetectorTrialRecipe, find_detection_recipe
from rexpand.records import StudySummary
from rexpand.search.design import StudyDesign, create_study, study_folder
from rexpand.search.driver import search
from rexpand.search.pruning import Pruning
from rexpand.search.sampler import Sampler, SamplerName, as_sampler
from rexpand.search.studies import weightless
from rexpand.search.summary import summarise
from rexpand.search.workers import Nobody, Placement, workers_of
from rexpand.spec import DetectorKind, DetectorSpec, NetworkSpec, SpecLike
from rexpand.transfer.detection.asked import DetectorAsked, detector_on
from rexpand.transfer.detection.trials import DETECTORS
from rexpand.workers import RayCluster

_MOST_HELD_OUT = 5000  # images: what COCO judges by


def search_backbones(
    network: SpecLike,
    budget: Budget,
    *,
    data: str,
    detector: DetectorKind | DetectorAsked = "ssdlite",
    folder: str | Path = "runs/search",
    trials: int = 100,
    seeds: int = 3,
    sampler: Sampler | SamplerName = "random",
    recipe: DetectionRecipe | str = "quick",
    train_subset: int = 0,
    data_root: str | Path | None = None,
    jobs: int = 1,
    ray: RayCluster | None = None,
    storage: str | None = None,
) -> StudySummary:
    """Search the channels of a detector's backbone: `rexpand search run --detector`.

        budget = rexpand.Budget(macs=300e6)
        summary = search_backbones("mobilenetv2_050", budget, data="FOLDER", trials=20)
        summary.best.channels

    The budget bounds the whole detector. Trials are ranked by COCO's average precision of
    boxes, in percent, on a fifth of the training images, which train none. The rest is
    as `rexpand.search` has it. Raises as `design_detector_study`, `create_study` and
    `rexpand.search.driver.search` do.
    """
    if not isinstance(detector, DetectorAsked):
        detector = DetectorAsked(detector=detector)
    design, _ = design_detector_study(
        network,
        budget,
        detector,
        data=data,
        trials=trials,
        seeds=seeds,
        sampler=sampler,
        recipe=recipe,
        train_subset=train_subset,
        data_root=data_root,
    )
    placed = Placement(jobs=jobs, ray=ray)
    with study_folder(folder).given_up_if_refused():
        create_study(design, folder, storage)
        search(design, folder, workers_of(DETECTORS, placed), Nobody(), data_root)
    return summarise(folder)


def design_detector_study(
    network: SpecLike,
    budget: Budget,
    detector: DetectorAsked,
    *,
    data: str,
    trials: int,
    seeds: int,
    recipe: DetectionRecipe | str = "quick",
    skip_defects: bool = False,
    train_subset: int = 0,
    sampler: Sampler | SamplerName = "random",
    sampling_seed: int = 0,
    multiple_of: int = 1,
    slack: float = 0.05,
    min_width: int | None = None,
    max_growth: float = MAX_GROWTH,
    pruning: Pruning = "none",
    data_root: str | Path | None = None,
) -> tuple[StudyDesign, DetectionData]:
    """The design of a study whose trials are detectors, and the images of its trials.

    A fifth of the training images, at most 5,000, judge the trials. Raises SpecError for
    a network with weights and for a detector whose cost has no closed form, DataError for
    too few images, and as `detector_on`, `load_detection` and `StudyDesign` do.
    """
    images = load_detection(
        data, root=data_root, on_defect="skip" if skip_defects else "fail"
    )
    if isinstance(recipe, str):
        recipe = find_detection_recipe(recipe)
    chosen = DetectorTrialRecipe(
        detection=recipe, validation=_held_out(images), skip_defects=skip_defects
    )
    images = judged_within(
        images, held_out=chosen.validation, train=train_subset, seed=sampling_seed
    )
    spec = _detector(network, detector, len(images.class_names))
    budget = replace(budget, detector=spec)
    assert isinstance(spec.backbone, NetworkSpec)  # as its budget has checked
    design = StudyDesign(
        spec=spec.backbone,
        data=data,
        budget=budget,
        trials=trials,
        seeds=seeds,
        recipe=chosen,
        train_subset=train_subset,
        sampler=as_sampler(sampler),
        sampling_seed=sampling_seed,
        multiple_of=multiple_of,
        slack=slack,
        min_width=min_width,
        max_growth=max_growth,
        pruning=pruning,
    )
    return design, images


def _detector(network: SpecLike, asked: DetectorAsked, classes: int) -> DetectorSpec:
    """The detector as data; no weights are made for it."""
    with torch.device("meta"):
        return detector_on(weightless(network), asked, classes).spec


def _held_out(data: DetectionData) -> int:
    """How many training images judge the trials."""
    images = len(data.train)
    if images < 2:
        raise DataError(
            f"{data.name} has {images} training image; a search needs one to judge its "
            "trials and one to train on"
        )
    return min(max(round(images * HELD_OUT), 1), _MOST_HELD_OUT)
