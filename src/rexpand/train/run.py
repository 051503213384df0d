"""What every epoch of a training needs, made ready before the first."""

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from accelerate import Accelerator
from torch import nn

from rexpand.blocks import synchronised
from rexpand.codec import to_line
from rexpand.data.dataset import DataSet
from rexpand.data.split import Split, hold_out, stratified_subset
from rexpand.errors import SpecError
from rexpand.models import Network, build_for_training, followers
from rexpand.recipe import Optimizer, Recipe
from rexpand.spec import ImageContract
from rexpand.train.cut import Cut
from rexpand.train.design import TrainingDesign
from rexpand.train.evaluation import Evaluation, evaluate
from rexpand.train.learner import learner_of
from rexpand.train.learning import check_learns, freeze
from rexpand.train.memory import check_fits
from rexpand.train.optimization import fresh_average, layer_shares, optimizer_of
from rexpand.train.precision import is_half
from rexpand.train.processes import Processes, joined
from rexpand.train.start import Start
from rexpand.train.state import Trained
from rexpand.train.teaching import Lesson, Teacher, lesson


@dataclass(frozen=True, kw_only=True)
class Run:
    """What every epoch needs.

    The `learner` is the network as the steps call it: compiled, or as one of the
    processes that average their gradients.
    """

    design: TrainingDesign
    trained: Trained[Network]
    learner: nn.Module
    processes: Processes
    train: Split
    held_out: Split
    accelerator: Accelerator
    contract: ImageContract
    start_accuracy: float | None = None
    lesson: Lesson | None = None

    @property
    def network(self) -> Network:
        return self.trained.network

    @property
    def judged(self) -> Network:
        """The network that is evaluated and kept."""
        return self.trained.judged

    @property
    def recipe(self) -> Recipe:
        return self.design.recipe

    @property
    def optimizer(self) -> Optimizer:
        return self.recipe.optimizer

    @property
    def device(self) -> torch.device:
        return self.accelerator.device

    @property
    def judged_images(self) -> int:
        """Held-out images."""
        return len(self.held_out)

    @cached_property
    def cut(self) -> Cut:
        """An epoch as steps of the optimiser."""
        return Cut(len(self.train), self.recipe, self.processes.count)

    def evaluation(self) -> Evaluation:
        """How well the judged network does on the held-out images, parted among all."""
        return evaluate(
            self.judged,
            self.held_out,
            self.device,
            self.cut.size,
            processes=self.processes,
        )

    def judge_some(self, images: int, batch_size: int) -> None:
        """Judge so many of the held-out images, in this process alone."""
        split = stratified_subset(self.held_out, images, seed=0)
        evaluate(self.judged, split, self.device, batch_size)

    def evaluations_after(self, epochs: int) -> int:
        """How often the held-out images are judged after so many epochs are over."""
        return self.recipe.epochs - epochs


def prepared(
    design: TrainingDesign,
    data: DataSet,
    start: Start | None,
    teacher: Teacher | None = None,
) -> Run:
    """The network on its device, its optimiser, and the images, parted.

    Raises SpecError for a network that cannot be averaged, or learn in part, where the
    recipe asks for it.
    """
    recipe = design.recipe
    processes = joined()
    accelerator = Accelerator(mixed_precision="no")  # `rexpand.train.precision` has it
    device = accelerator.device
    check_same(design, processes)
    check_fits(
        design.spec,
        recipe,
        images=len(data.train),
        processes=processes.count,
        value_bytes=2 if is_half(recipe.precision) else 4,
        device=device,
    )
    network = _network(design, start, device)
    if processes.are_many and recipe.sync_norm:
        synchronised(network, device)
    training, held_out = data.train, data.test
    if recipe.validation:
        training, held_out = hold_out(data.train, recipe.validation, seed=0)
    run = Run(
        design=design,
        trained=_trained(network, recipe),
        learner=learner_of(network, recipe, processes, device),
        processes=processes,
        train=training,
        held_out=held_out,
        accelerator=accelerator,
        contract=data.contract,
    )
    if start is not None:
        run = _started(run, start)
    if teacher is None:
        return run
    classes = design.spec.num_classes
    return replace(run, lesson=lesson(teacher, run.contract, classes, device))


def _network(
    design: TrainingDesign, start: Start | None, device: torch.device
) -> Network:
    """The network with fresh weights or those of the start, on its device."""
    network = build_for_training(design.spec)
    if start is not None:
        start.put_into(network, design.spec.num_classes)
    is_last = design.recipe.channels_last
    order = torch.channels_last if is_last else torch.contiguous_format
    return network.to(memory_format=order).to(device)


def _trained(network: Network, recipe: Recipe) -> Trained[Network]:
    """The network with its average and its optimiser, before the first step."""
    if recipe.averaging and followers(network):
        raise SpecError(
            f"{network.spec.name} chooses its inputs while it trains, and choices have no "
            "mean; leave averaging out of the recipe"
        )
    check_learns(network, recipe)
    freeze(network, recipe)
    shares = layer_shares(network, recipe.layer_decay)
    return Trained(
        network=network,
        average=fresh_average(network) if recipe.averaging else None,
        optimizer=optimizer_of(network, recipe.optimizer, shares),
    )


def check_same(design: object, processes: Processes) -> None:
    """Raise SpecError if the processes were asked for different trainings."""
    first, *others = processes.gathered(to_line(design))
    for number, other in enumerate(others, start=1):
        if other != first:
            raise SpecError(
                f"process {number} was asked for another training than process 0; start "
                "all of them by the same command, on the same data"
            )


def _started(run: Run, start: Start) -> Run:
    """The run with its accuracy before the first step: that of the weights."""
    accuracy = None
    if run.network.spec.num_classes == start.network.spec.num_classes:
        accuracy = run.evaluation().accuracy
    padding = start.contract.padding
    return replace(
        run, contract=replace(run.contract, padding=padding), start_accuracy=accuracy
    )
