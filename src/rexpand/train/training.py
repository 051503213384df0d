"""From a spec and a recipe to weights and a record."""

import resource
import time
from dataclasses import dataclass, replace
from math import isfinite
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor
from torch.nn.functional import cross_entropy

from rexpand.codec import to_line
from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.data.split import Split, hold_out
from rexpand.errors import RunError, SpecError
from rexpand.models import (
    Network,
    build_for_training,
    condensed,
    followers,
    group_lasso,
    is_condensed,
    save_network,
)
from rexpand.rank import effective_rank, nuclear_norm
from rexpand.recipe import Recipe
from rexpand.records import (
    Epoch,
    Provenance,
    Record,
    collapses,
    this_provenance,
    write_atomic,
)
from rexpand.spec import ImageContract, NetworkSpec
from rexpand.train.block_watch import watching
from rexpand.train.design import TrainingDesign, training_folder
from rexpand.train.evaluation import evaluate, penultimate_spectrum
from rexpand.train.optimization import (
    fresh_average,
    learning_rate_at,
    move_average,
    set_learning_rate,
    sgd,
)
from rexpand.train.progress import Progress, Silence
from rexpand.train.start import Start
from rexpand.train.state import Progressed, Trained, load_state, save_state

STATE, WEIGHTS, RECORD = "state.safetensors", "network.safetensors", "record.json"
_LIBRARIES = ("rexpand", "torch", "accelerate", "numpy")


@dataclass(frozen=True, kw_only=True)
class _Run:
    """What every epoch needs."""

    design: TrainingDesign
    trained: Trained
    train: Split
    held_out: Split
    accelerator: Accelerator
    contract: ImageContract
    start_accuracy: float | None = None

    @property
    def network(self) -> Network:
        return self.trained.network

    @property
    def judged(self) -> Network:
        """The network that is evaluated and kept: the average where there is one."""
        return self.trained.average or self.trained.network

    @property
    def recipe(self) -> Recipe:
        return self.design.recipe


def train(
    spec: NetworkSpec,
    recipe: Recipe,
    data: DataSet,
    *,
    seed: int,
    folder: Path,
    start: Start | None = None,
    progress: Progress | None = None,
    until_epoch: int | None = None,
) -> Record:
    """Train a network, or go on where the folder's state stands; leave a record.

    The spec is fitted to the data's classes, channels and resolution. With `start`
    training begins with its weights, and the images are fed as they want them; `spec`
    must be theirs. The folder gets `state.safetensors` after every epoch, and `network.safetensors` and `record.json`
    at the end. With `until_epoch` training pauses there. A run that was killed and
    resumed gives the same bits on a CPU as one that was not. Raises StudyError if the
    folder holds a training with other settings, or another process is at work there.
    """
    if start is not None:
        data = data.seen_as(start.contract)
    design = TrainingDesign(
        spec=fitted(spec, data),
        recipe=recipe,
        seed=seed,
        data=data.name,
        images=len(data.train),
        data_fingerprint=data.fingerprint,
        started_from=start.origin if start else None,
    )
    torch.manual_seed(seed)
    run = _prepared(design, data, start)
    place = training_folder(folder)
    place.check_own()
    place.create(design, _provenance(run))
    with place.locked():
        return _trained(run, folder, progress or Silence(), until_epoch)


def _trained(
    run: _Run, folder: Path, progress: Progress, until_epoch: int | None
) -> Record:
    """From where the folder stands to the end, or to `until_epoch`."""
    design, recipe = run.design, run.recipe
    done = load_state(folder / STATE, run.trained, design)
    progress.begin(
        design.spec.name,
        epochs=recipe.epochs,
        epoch=len(done.epochs),
        images=len(run.train),
    )
    last = min(until_epoch or recipe.epochs, recipe.epochs)
    while len(done.epochs) < last and not _stops_early(run, done.epochs):
        done = _with_epoch(run, done, progress)
        save_state(folder / STATE, run.trained, design, done)
    return _recorded(run, done, folder)


def fitted(spec: NetworkSpec, data: DataSet) -> NetworkSpec:
    """The spec for the data's images and classes."""
    spec = spec.for_images(resolution=data.resolution, in_channels=data.in_channels)
    return spec.with_classes(data.num_classes)


def _prepared(design: TrainingDesign, data: DataSet, start: Start | None) -> _Run:
    recipe = design.recipe
    accelerator = Accelerator(mixed_precision=_precision(recipe))
    network = build_for_training(design.spec)
    if start is not None:
        start.put_into(network, design.spec.num_classes)
    if recipe.channels_last:
        network = network.to(memory_format=torch.channels_last)
    network = network.to(accelerator.device)
    training, held_out = data.train, data.test
    if recipe.validation:
        training, held_out = hold_out(data.train, recipe.validation, seed=0)
    trained = Trained(
        network=network,
        average=fresh_average(network) if recipe.averaging else None,
        optimizer=sgd(network, recipe.optimizer),
    )
    if recipe.averaging and followers(network):
        raise SpecError(
            f"{design.spec.name} chooses its inputs while it trains, and choices have no "
            "mean; leave averaging out of the recipe"
        )
    run = _Run(
        design=design,
        trained=trained,
        train=training,
        held_out=held_out,
        accelerator=accelerator,
        contract=data.contract,
    )
    return run if start is None else _started(run, start)


def _started(run: _Run, start: Start) -> _Run:
    """The run with its accuracy before the first step: that of the weights."""
    accuracy = None
    if run.network.spec.num_classes == start.network.spec.num_classes:
        accuracy = evaluate(
            run.network, run.held_out, run.accelerator.device, run.recipe.batch_size
        ).accuracy
    padding = start.contract.padding
    return replace(
        run, contract=replace(run.contract, padding=padding), start_accuracy=accuracy
    )


def _precision(recipe: Recipe) -> str:
    if recipe.precision == "auto":
        gains = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
        return "bf16" if gains else "no"
    return "bf16" if recipe.precision == "bf16" else "no"


def _with_epoch(run: _Run, done: Progressed, progress: Progress) -> Progressed:
    """Train and judge one more epoch."""
    started = time.perf_counter()
    number = len(done.epochs)
    torch.manual_seed(_mixed(run.design.seed, number))
    loss, rate = _train_epoch(run, number, progress)
    trained = time.perf_counter() - started
    if not isfinite(loss):
        raise RunError(
            f"the loss of {run.network.spec.name} is {loss} in epoch {number + 1}; "
            f"lower learning_rate, now {run.recipe.optimizer.learning_rate:g}"
        )
    with watching(run.judged, run.recipe.watch_rank) as watch:
        judged = evaluate(
            run.judged, run.held_out, run.accelerator.device, run.recipe.batch_size
        )
    progress.end_epoch(number, judged.accuracy)
    epoch = Epoch(
        epoch=number,
        loss=loss,
        accuracy=judged.accuracy,
        held_out_loss=judged.loss,
        learning_rate=rate,
        images_per_second=len(run.train) / trained,
        block_ranks=watch.ranks(),
    )
    seconds = done.seconds + time.perf_counter() - started
    done = Progressed(epochs=(*done.epochs, epoch), seconds=seconds)
    _sound_alarms(done.epochs, progress)
    return done


def _sound_alarms(epochs: tuple[Epoch, ...], progress: Progress) -> None:
    """Tell of the blocks that collapsed in the last epoch."""
    fell = [each for each in collapses(epochs) if each.epoch == epochs[-1].epoch]
    if fell:
        progress.alarm(f"features collapse: {'; '.join(map(str, fell))}")


def _train_epoch(run: _Run, number: int, progress: Progress) -> tuple[float, float]:
    """One pass over the training images: the mean loss, and the last learning rate."""
    recipe, device = run.recipe, run.accelerator.device
    # Batch norm cannot learn from a single image: such a last batch is left out.
    lonely = len(run.train) % recipe.batch_size == 1
    steps = -(-len(run.train) // recipe.batch_size) - lonely
    batches = run.train.batches(
        batch_size=recipe.batch_size,
        device=device,
        seed=_mixed(run.design.seed, number),
        augmentation=recipe.augmentation,
        drop_last=lonely,
    )
    total, rate = torch.zeros((), device=device), 0.0
    changing = followers(run.network)
    run.network.train()
    for step, (images, labels) in enumerate(batches, start=number * steps):
        rate = learning_rate_at(step, steps, recipe)
        set_learning_rate(run.trained.optimizer, rate)
        for layer in changing:
            layer.follow((step + 1) / (recipe.epochs * steps))
        total += _train_step(run, images, labels) * len(labels)
        if run.trained.average and recipe.averaging:
            move_average(run.trained.average, run.network, step + 1, recipe.averaging)
        progress.advance(len(labels))
    return float(total) / len(run.train), rate


def _train_step(run: _Run, images: Tensor, labels: Tensor) -> Tensor:
    """One step of the optimiser: the mean loss of the batch, penalties left out."""
    recipe = run.recipe
    with run.accelerator.autocast():
        scores = run.network(images)
        loss = cross_entropy(scores, labels, label_smoothing=recipe.label_smoothing)
    objective = loss
    if recipe.group_lasso:
        objective = loss + recipe.group_lasso * group_lasso(run.network)
    run.accelerator.backward(objective)
    run.trained.optimizer.step()
    run.trained.optimizer.zero_grad()
    return loss.detach()


def _mixed(seed: int, epoch: int) -> int:
    """One seed for each epoch of each run, far apart."""
    return (seed * 1_000_003 + epoch + 1) % 2**31


def _stops_early(run: _Run, epochs: tuple[Epoch, ...]) -> bool:
    """Whether the last `patience` epochs brought nothing better; never half condensed."""
    recipe = run.recipe
    if not recipe.patience or len(epochs) <= recipe.patience:
        return False
    if not is_condensed(run.network):
        return False
    accuracies = [epoch.accuracy for epoch in epochs]
    return max(accuracies[-recipe.patience :]) <= max(accuracies[: -recipe.patience])


def _recorded(run: _Run, done: Progressed, folder: Path) -> Record:
    """The record of a run; a finished one is written, with the weights before it."""
    device = run.accelerator.device
    last = done.epochs[-1]
    cost = cost_of(run.network.spec)
    stopped = _stops_early(run, done.epochs)
    record = Record(
        spec=run.design.spec,
        recipe=run.recipe,
        data=run.design.data,
        seed=run.design.seed,
        params=cost.params,
        macs=cost.macs,
        accuracy=last.accuracy,
        loss=last.held_out_loss,
        evaluated_on="validation" if run.recipe.validation else "test",
        images=len(run.train),
        evaluated_images=len(run.held_out),
        epochs=done.epochs,
        stopped_early=stopped,
        seconds=done.seconds,
        peak_memory_mb=_peak_memory_mb(device),
        provenance=_provenance(run),
        started_from=run.design.started_from,
        start_accuracy=run.start_accuracy,
        contract=run.contract.without_names(),
    )
    if len(done.epochs) < run.recipe.epochs and not stopped:
        return record
    if run.recipe.nuclear_norm:
        record = _with_rank(run, record)
    save_network(condensed(run.judged), folder / WEIGHTS, run.contract)
    write_atomic(folder / RECORD, to_line(record))
    return record


def _provenance(run: _Run) -> Provenance:
    return this_provenance(
        _LIBRARIES,
        threads=torch.get_num_threads(),
        device=run.accelerator.device.type,
        seeds=(run.design.seed,),
        data_fingerprint=run.design.data_fingerprint,
    )


def _with_rank(run: _Run, record: Record) -> Record:
    """The record with the rank of the penultimate features of the held-out images."""
    device = run.accelerator.device
    values = penultimate_spectrum(
        run.judged, run.held_out, device, run.recipe.batch_size
    ).singular_values()
    return replace(
        record,
        nuclear_norm=float(nuclear_norm(values)),
        effective_rank=float(effective_rank(values)),
    )


def _peak_memory_mb(device: torch.device) -> float:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
