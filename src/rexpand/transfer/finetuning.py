"""A fine-tuning from names: designed, run to its end, and summed up."""

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path

from rexpand.advise.find import find_start
from rexpand.data.catalogue import recipe_for
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.errors import DataError, SpecError
from rexpand.ranges import LEARNING_RATE
from rexpand.recipe import RECIPES, Recipe, as_recipe
from rexpand.records import FineTuningSummary
from rexpand.search.workers import Nobody, Placement, workers_for
from rexpand.spec import NetworkSpec, SpecLike, spec_or_source, stated_resolution
from rexpand.train import Start, fitted
from rexpand.transfer.design import (
    FineTuning,
    create_finetuning,
    finetuning_folder,
    fingerprint_of,
    rate_of,
)
from rexpand.transfer.running import run_finetuning
from rexpand.workers import RayCluster

# Of the training images: a fifth, at most 5,000, and at least one per class.
_HELD_OUT_SHARE = 5
_MOST_HELD_OUT = 5000
_STEPS = (-2, -1, 0, 1, 2)  # of the grid, each a factor of the root of 10


def finetune(
    network: SpecLike,
    recipe: Recipe | str | None = None,
    data: str = "digits",
    *,
    folder: str | Path = "runs/finetune",
    start: Start | None = None,
    from_scratch: bool = False,
    rates: Sequence[float] = (),
    held_out: int = 0,
    seeds: int = 5,
    grid_seeds: int = 1,
    resolution: int | None = None,
    train_subset: int = 0,
    data_root: str | Path | None = None,
    jobs: int = 1,
    ray: RayCluster | None = None,
    allow_change: bool = False,
) -> FineTuningSummary:
    """Fit a network with weights to a data set: `rexpand finetune`.

        found = rexpand.finetune("mobilenetv2_100@weights.npz", data="flowers12")
        found.learning_rate, found.accuracy

    Every learning rate of the grid is trained without the held-out part of the training
    images, which chooses one; the seeds then learn at it from all of them, and the test
    images judge them after the last epoch. The folder keeps all trainings, and the same
    call goes on after a stop. With `allow_change` it goes on with another recipe, as long
    as no training is over. So many `jobs` run at a time, on a `ray` cluster if one is
    given. Raises as `design_finetuning`, `create_finetuning` and
    `run_finetuning` do.
    """
    design, start = design_finetuning(
        network,
        recipe,
        data,
        start=start,
        from_scratch=from_scratch,
        rates=rates,
        held_out=held_out,
        seeds=seeds,
        grid_seeds=grid_seeds,
        resolution=resolution,
        train_subset=train_subset,
        data_root=data_root,
    )
    placed = Placement(jobs=jobs, ray=ray)
    with finetuning_folder(folder).given_up_if_refused():
        design = create_finetuning(design, start, folder, allow_change=allow_change)
        return run_finetuning(
            design, folder, lambda: workers_for(placed), Nobody(), data_root
        )


def design_finetuning(
    network: SpecLike,
    recipe: Recipe | str | None,
    data: str,
    *,
    start: Start | None = None,
    from_scratch: bool = False,
    rates: Sequence[float] = (),
    held_out: int = 0,
    seeds: int = 5,
    grid_seeds: int = 1,
    resolution: int | None = None,
    train_subset: int = 0,
    data_root: str | Path | None = None,
) -> tuple[FineTuning, Start | None]:
    """The design of a fine-tuning, and the weights that it begins with.

    Those are `start`, or else what the network names; `from_scratch` begins with fresh
    ones. The images are fed as the weights expect them, at `resolution` if it is given.
    Without `rates` the grid has five, around that of the recipe; without `held_out` the
    recipe's validation is held out to choose, or else a fifth of the training images.
    The recipe is `finetuning_recipe` without one. Raises SpecError for a network without
    weights, DataError for too few images, and as `load` and `as_recipe` do.
    """
    spec, start = _begun(network, start, from_scratch, resolution)
    chosen = _judged_at_the_end(as_recipe(recipe or finetuning_recipe(data, data_root)))
    images = load(
        data,
        root=data_root,
        resolution=resolution,
        file_resolution=stated_resolution(network),
    )
    if start is not None:
        start = start.for_images(images.resolution)
        images = images.seen_as(start.contract)
    design = FineTuning(
        spec=fitted(spec, images),
        recipe=replace(chosen, validation=0),
        data=data,
        rates=tuple(sorted(rates or rates_around(rate_of(chosen)))),
        held_out=_held_out(held_out or chosen.validation, images, train_subset),
        seeds=seeds,
        grid_seeds=grid_seeds,
        train_subset=train_subset,
        started_from=start.origin if start else None,
        weights_fingerprint=fingerprint_of(start.network) if start else None,
    )
    return design, start


def finetuning_recipe(data: str, data_root: str | Path | None = None) -> Recipe:
    """The recipe `finetune`, augmented as the data set's own recipe does."""
    augmentation = recipe_for(data, data_root).augmentation
    return replace(RECIPES["finetune"], augmentation=augmentation)


def rates_around(rate: float) -> tuple[float, ...]:
    """Five rates from a tenth to ten times, in equal factors, with two digits."""
    grid = (float(f"{rate * sqrt(10) ** step:.2g}") for step in _STEPS)
    return tuple(each for each in grid if each in LEARNING_RATE)


def _begun(
    network: SpecLike,
    start: Start | None,
    from_scratch: bool,
    resolution: int | None,
) -> tuple[NetworkSpec, Start | None]:
    """The network, and the weights that it begins with."""
    found = spec_or_source(network)
    if start is not None:
        return start.network.spec, None if from_scratch else start
    if isinstance(found, NetworkSpec):
        spec = found
    else:
        spec, start = find_start(found, resolution)
    if from_scratch:
        return spec, None
    if start is None:
        raise SpecError(
            f"{spec.name} has no weights to begin with; give NETWORK@FILE or a checkpoint, "
            "take those that timm publishes, or ask for a start from scratch"
        )
    return spec, start


def _judged_at_the_end(recipe: Recipe) -> Recipe:
    """The recipe itself; SpecError for one that stops by held-out images."""
    if recipe.patience:
        raise SpecError(
            f"the recipe's patience is {recipe.patience}, and the seeds learn from all "
            "training images, so that none judges their epochs; set patience to 0"
        )
    return recipe


def _held_out(asked: int, images: DataSet, train_subset: int) -> int:
    """How many training images choose the rate; DataError if too few are left."""
    there = len(images.train)
    if train_subset > there:
        raise DataError(
            f"a training subset of {train_subset} is more than the {there} images of "
            f"{images.name}; give at most {there}"
        )
    count = train_subset or there
    share = min(count // _HELD_OUT_SHARE, _MOST_HELD_OUT)
    held_out = asked or max(share, images.num_classes)
    if count - held_out < 2:
        raise DataError(
            f"{held_out} of {count} training images of {images.name} cannot choose the "
            "learning rate, since fewer than 2 are left to learn from; hold out fewer"
        )
    return held_out
