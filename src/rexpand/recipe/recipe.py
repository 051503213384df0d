"""How to train, as data."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import (
    ACCUMULATION,
    BATCH_SIZE,
    EPOCHS,
    IMAGES,
    LAYER_DECAY,
    PATIENCE,
    RATE,
    WEIGHT,
)
from rexpand.recipe.augmentation import Augmentation
from rexpand.recipe.optimization import (
    EMA,
    SGD,
    Cosine,
    Optimizer,
    Schedule,
    stretched,
)

Precision = Literal["auto", "fp32", "bf16"]
Learns = Literal["all", "classifier"]
OnDivergence = Literal["stop", "roll_back"]
FrozenNorm = Literal["statistics", "all"]

# Held-out images: with the grid of positions, four samples per channel or more of any map.
_WATCHED = 256


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A training: epochs of batches, the optimiser with its schedule, the augmentation.

    With `averaging`, the average of the weights is judged and kept. With `patience`,
    training stops after so many epochs without a better accuracy on `validation` images
    held out of the training set, and the best epoch's weights are kept. `auto`
    precision is bf16 on GPUs that have it and fp32 elsewhere. `dropout` before the
    classifier and `drop_path` (stochastic depth: the rate of the last block) are the
    network's own where they are None. `group_lasso` weighs the penalty on layers that
    choose their inputs while they train (CondenseNet; the paper's is 1e-5).
    `learns` is the part of the network that learns; with "classifier" (a linear probe)
    everything below it computes as it does in evaluation, and keeps its weights.
    `frozen_norm` keeps the running statistics of the batch norms, which then normalise
    with them, or "all" of the norms, their scales and shifts too. `layer_decay` is that
    of the learning rate from each layer to the one before (BEiT, arXiv 2106.08254): with
    n blocks, block i from 1 learns at layer_decay ** (n + 1 - i) of the rate, the stem as
    a block 0, and whatever comes after the blocks at the rate itself.
    A step's batch is parted into `accumulation` micro-batches, one after the other, and
    each of these among all processes; `sync_norm` has batch norms see the images of all
    processes, not of each one. `checkpointing` computes the maps inside of blocks again
    in the backward pass; `compile` compiles the network (`torch.compile`).
    At a loss that is not finite the training stops or, by `on_divergence`, goes back once
    to the state before its last and on with half the learning rate.
    `nuclear_norm` records that of the penultimate features at the end, `watch_rank` the
    rank of every block after each epoch, on so many held-out images.
    """

    epochs: Annotated[int, EPOCHS]
    batch_size: Annotated[int, BATCH_SIZE] = 128
    optimizer: Optimizer = field(default_factory=SGD)
    schedule: Schedule = field(default_factory=Cosine)
    averaging: EMA | None = None
    label_smoothing: Annotated[float, RATE] = 0.0
    dropout: Annotated[float, RATE] | None = None
    drop_path: Annotated[float, RATE] | None = None
    learns: Learns = "all"
    frozen_norm: FrozenNorm | None = None
    layer_decay: Annotated[float, LAYER_DECAY] = 1.0
    group_lasso: Annotated[float, WEIGHT] = 0.0
    augmentation: Augmentation = field(default_factory=Augmentation)
    validation: Annotated[int, IMAGES] = 0
    patience: Annotated[int, PATIENCE] = 0
    on_divergence: OnDivergence = "stop"
    accumulation: Annotated[int, ACCUMULATION] = 1
    sync_norm: bool = False
    checkpointing: bool = False
    compile: bool = False
    precision: Precision = "auto"
    channels_last: bool = True
    nuclear_norm: bool = False
    watch_rank: Annotated[int, IMAGES] = 0

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        if self.patience and not self.validation:
            raise SpecError(
                f"patience {self.patience} needs images to judge by; set validation, "
                "so that the test images do not choose the epoch"
            )
        size, rest = divmod(self.batch_size, self.accumulation)
        if rest or size < BATCH_SIZE.least:
            raise SpecError(
                f"accumulation {self.accumulation} does not part a batch_size of "
                f"{self.batch_size} into equal micro-batches of 2 images or more"
            )

    def with_epochs(self, epochs: int) -> "Recipe":
        """The same recipe for another number of epochs, the schedule `stretched`."""
        schedule = stretched(self.schedule, self.epochs, epochs)
        return replace(self, epochs=epochs, schedule=schedule)

    def with_watch(self) -> "Recipe":
        """The same recipe, with every block's rank watched on a few hundred images."""
        return replace(self, watch_rank=self.watch_rank or _WATCHED)
