"""What a fine-tuning was asked to do, as data and as a folder."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import StudyError
from rexpand.models import Network, save_network
from rexpand.models.checkpoint import to_bytes
from rexpand.ranges import IMAGES, LEARNING_RATE, PLACE, SEEDS, SOME_IMAGES
from rexpand.recipe import Recipe
from rexpand.records import ExperimentFolder
from rexpand.records.record import RECORD
from rexpand.search.arms import Arm, arm_tasks
from rexpand.search.design import design_provenance
from rexpand.search.task import Task, Weights
from rexpand.spec import NetworkSpec
from rexpand.train import Start
from rexpand.train.design import MAY_CHANGE

_START = "start.safetensors"


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """A network trained from weights: a grid of learning rates, then seeds at the best.

    Each rate is trained for `grid_seeds` seeds without `held_out` images of the training
    set, which judge it. The rate with the best mean accuracy is then trained for `seeds`
    seeds on all training images. Seeds count from 0. `train_subset` is the number of
    training images, held-out ones included (0 for all). `started_from` says where the
    weights are from, and the fingerprint which they are; both are None for fresh ones.
    """

    spec: NetworkSpec
    recipe: Recipe
    data: Annotated[str, PLACE]
    rates: tuple[Annotated[float, LEARNING_RATE], ...]
    held_out: Annotated[int, SOME_IMAGES]
    seeds: Annotated[int, SEEDS]
    grid_seeds: Annotated[int, SEEDS] = 1
    train_subset: Annotated[int, IMAGES] = 0
    started_from: str | None = None
    weights_fingerprint: str | None = None

    def __post_init__(self) -> None:
        check_fields(self, StudyError)
        if not self.rates or sorted({*self.rates}) != [*self.rates]:
            raise StudyError(
                f"the learning rates are {self.rates}; give one or more, each once, the "
                "lowest first"
            )

    @property
    def trainings(self) -> int:
        """How many there are, of the grid and of the seeds."""
        grid = len(self.rates) * self.grid_seeds if len(self.rates) > 1 else 0
        return grid + self.seeds


def finetuning_folder(path: str | Path) -> ExperimentFolder[FineTuning]:
    """The folder of a fine-tuning; it can be given more seeds.

    Its recipe may change as that of a training may, until one of its trainings is over:
    rates and seeds are compared that were trained alike.
    """
    path = Path(path)
    is_compared = any(path.glob(f"**/{RECORD}"))
    return ExperimentFolder(
        path=path,
        design=FineTuning,
        name="fine-tuning",
        started_by="rexpand finetune",
        file="finetuning.json",
        version=1,
        may_grow=("seeds",),
        may_change=() if is_compared else MAY_CHANGE,
        bookkeeping=(_START,),
    )


def create_finetuning(
    design: FineTuning,
    start: Start | None,
    path: str | Path,
    *,
    allow_change: bool = False,
) -> FineTuning:
    """Write the design and the weights, or find the same: the design that holds.

    With `allow_change` the recipe may be another one. Raises StudyError if the folder
    holds another fine-tuning.
    """
    folder = finetuning_folder(path)
    folder.check_own()
    provenance = design_provenance()
    saved = folder.create(design, provenance, allow_change=allow_change)
    design = replace(design, seeds=saved.seeds)
    if saved != design:
        with folder.locked():
            folder.change(design, provenance)
    design = folder.read()
    weights = Path(path) / _START
    if start is not None and not weights.exists():
        save_network(start.network, weights, start.contract)
    return design


def fingerprint_of(network: Network) -> str:
    """A hash of the names, shapes and values of all tensors."""
    content = to_bytes(network.state_dict(), {})
    return hashlib.sha256(content).hexdigest()[:32]


def grid_tasks(
    design: FineTuning, folder: Path, data_root: str | Path | None
) -> list[Task]:
    """The trainings that choose the rate; none where there is one rate alone.

    Seeds come in turn, each for every rate.
    """
    if len(design.rates) == 1:
        return []
    # All but the held-out images of the subset; 0 stays all.
    rest = max(design.train_subset - design.held_out, 0)
    choosing = replace(design, seeds=design.grid_seeds, train_subset=rest)
    recipe = replace(design.recipe, validation=design.held_out)
    arms = [
        Arm(
            name=f"learning rate {rate:g}",
            spec=design.spec,
            recipe=_at(recipe, rate),
            folder=folder / "grid" / f"rate-{rate}",
            weights=_weights(design, folder),
            allow_change=True,
        )
        for rate in design.rates
    ]
    return arm_tasks(choosing, arms, data_root)


def seed_tasks(
    design: FineTuning, rate: float, folder: Path, data_root: str | Path | None
) -> list[Task]:
    """The trainings on all images at the chosen rate."""
    arm = Arm(
        name=f"at learning rate {rate:g}",
        spec=design.spec,
        recipe=_at(design.recipe, rate),
        folder=folder,
        weights=_weights(design, folder),
        allow_change=True,
    )
    return arm_tasks(design, [arm], data_root)


def rate_of(recipe: Recipe) -> float:
    """The learning rate at its peak."""
    return recipe.optimizer.learning_rate


def _at(recipe: Recipe, rate: float) -> Recipe:
    return replace(recipe, optimizer=replace(recipe.optimizer, learning_rate=rate))


def _weights(design: FineTuning, folder: Path) -> Weights | None:
    if design.started_from is None:
        return None
    return Weights(file=folder / _START, origin=design.started_from)
