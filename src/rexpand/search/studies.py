"""A study from names: designed, run to its end, and summed up."""

from pathlib import Path

from rexpand.budget import MAX_GROWTH, Budget
from rexpand.data.catalogue import search_recipe_for
from rexpand.data.dataset import DataSet, check_subset
from rexpand.data.load import load
from rexpand.errors import SpecError
from rexpand.recipe import Recipe, as_recipe
from rexpand.records import StudySummary
from rexpand.search.design import (
    StudyDesign,
    create_study,
    fitted_to,
    holding_out,
    study_folder,
)
from rexpand.search.driver import search
from rexpand.search.pruning import Pruning
from rexpand.search.sampler import Sampler, SamplerName, as_sampler
from rexpand.search.summary import summarise
from rexpand.search.workers import Nobody, Placement, workers_for
from rexpand.spec import (
    NetworkSpec,
    SpecLike,
    as_spec,
    spec_or_source,
    stated_resolution,
)
from rexpand.workers import RayCluster


def search_channels(
    network: SpecLike,
    budget: Budget,
    *,
    data: str = "digits",
    folder: str | Path = "runs/search",
    trials: int = 100,
    seeds: int = 3,
    sampler: Sampler | SamplerName = "random",
    recipe: Recipe | str | None = None,
    resolution: int | None = None,
    train_subset: int = 0,
    data_root: str | Path | None = None,
    jobs: int = 1,
    ray: RayCluster | None = None,
    storage: str | None = None,
) -> StudySummary:
    """Search the channels of a network within a budget: `rexpand search run`.

        budget = rexpand.Budget(macs=300e3)
        summary = rexpand.search("search_18", budget, trials=20, seeds=1, folder="study")
        summary.best.channels

    The folder keeps the study, or the database with the address `storage`; the same call
    goes on with it after a stop, and `rexpand.search.winner.winner(folder)` gives the
    best network. So many `jobs` run at a time, on a `ray` cluster if one is given. Raises
    as `design_study`, `create_study` and `rexpand.search.driver.search` do.
    """
    design, _ = design_study(
        network,
        budget,
        data=data,
        trials=trials,
        seeds=seeds,
        sampler=sampler,
        recipe=recipe,
        resolution=resolution,
        train_subset=train_subset,
        data_root=data_root,
    )
    placed = Placement(jobs=jobs, ray=ray)
    with study_folder(folder).given_up_if_refused():
        create_study(design, folder, storage)
        search(design, folder, workers_for(placed), Nobody(), data_root)
    return summarise(folder)


def design_study(
    network: SpecLike,
    budget: Budget,
    *,
    data: str,
    trials: int,
    seeds: int,
    recipe: Recipe | str | None = None,
    resolution: int | None = None,
    train_subset: int = 0,
    sampler: Sampler | SamplerName = "random",
    sampling_seed: int = 0,
    multiple_of: int = 1,
    slack: float = 0.05,
    min_width: int | None = None,
    max_growth: float = MAX_GROWTH,
    pruning: Pruning = "none",
    data_root: str | Path | None = None,
) -> tuple[StudyDesign, DataSet]:
    """The design of a study on a data set, and the images.

    The network is fitted to the images, which are fed at `resolution`, else at the size
    that the network states; `recipe` is the data set's own for searches without one.
    Raises SpecError for a network with weights, and as
    `as_spec`, `as_recipe`, `load` and `StudyDesign` do.
    """
    spec = weightless(network)
    chosen = as_recipe(recipe or search_recipe_for(data, data_root))
    images = load(
        data,
        root=data_root,
        resolution=resolution,
        file_resolution=stated_resolution(network),
    )
    chosen = holding_out(chosen, images)
    check_subset(images, train_subset, held_out=chosen.validation)
    design = StudyDesign(
        spec=fitted_to(spec, images),
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


def weightless(network: SpecLike) -> NetworkSpec:
    """The spec of a network; SpecError for one with weights."""
    found = spec_or_source(network)
    if not isinstance(found, NetworkSpec) and found.weights is not None:
        raise SpecError(
            f"every trial of a search starts from fresh weights; give {found.label} "
            f"without {found.weights}"
        )
    return as_spec(found)
