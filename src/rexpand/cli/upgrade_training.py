"""`rexpand upgrade --train`: both networks trained on one data set, and compared."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rexpand.cli.recipe_options import RecipeOptions
from rexpand.cli.stopping import SAME_COMMAND, resumable

if TYPE_CHECKING:
    from rexpand.advise.equal_cost import Upgrade
    from rexpand.recipe import Recipe
    from rexpand.records import ComparisonSummary
    from rexpand.search.comparison import Comparison
    from rexpand.search.workers import Placement
    from rexpand.spec import NetworkSpec


@dataclass(frozen=True, kw_only=True)
class Training:
    """What `--train` asks for."""

    data: str
    seeds: int
    recipe: str | None
    epochs: int | None
    train_subset: int
    placed: "Placement"
    root: Path | None
    resolution: int | None


def fitted_to_data(spec: "NetworkSpec", training: Training | None) -> "NetworkSpec":
    """The network that is upgraded: fitted to the images and classes of the data."""
    if training is None:
        return spec
    from rexpand.data.dataset import check_subset
    from rexpand.data.load import load
    from rexpand.train import fitted

    data = load(training.data, root=training.root, file_resolution=training.resolution)
    check_subset(data, training.train_subset, held_out=_recipe(training).validation)
    return fitted(spec, data)


def _recipe(training: Training) -> "Recipe":
    """The requested recipe, or the default recipe of the data."""
    from rexpand.data.catalogue import recipe_for

    asked = RecipeOptions(recipe=training.recipe, epochs=training.epochs)
    return asked.chosen(lambda: recipe_for(training.data, training.root))


def created_comparison(
    upgraded: "Upgrade", training: Training, folder: Path
) -> "Comparison":
    """The comparison; raises StudyError if its folder holds another one."""
    from rexpand.search.comparison import Comparison, create_comparison

    design = Comparison(
        before=upgraded.before,
        after=upgraded.after,
        recipe=_recipe(training),
        data=training.data,
        seeds=training.seeds,
        train_subset=training.train_subset,
    )
    return create_comparison(design, folder)


def compared(
    design: "Comparison", training: Training, folder: Path
) -> "ComparisonSummary":
    """Train both networks with every seed; the verdict."""
    from rexpand.cli.progress import Bars
    from rexpand.cli.study_bars import StudyBars
    from rexpand.search.comparison import run_comparison
    from rexpand.search.workers import workers_for

    with resumable(SAME_COMMAND), Bars() as bars:
        seen = StudyBars(bars)
        workers = workers_for(training.placed, seen)
        return run_comparison(design, folder, workers, seen, training.root)
