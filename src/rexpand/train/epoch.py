"""One epoch: the steps of training, and the judgement after them."""

import time
from dataclasses import replace
from math import isfinite

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rexpand.data.mixing import Mixed, mixed
from rexpand.data.part import Part
from rexpand.errors import RunError
from rexpand.models import followers, group_lasso, is_condensed
from rexpand.recipe import Recipe
from rexpand.records import Epoch, collapses
from rexpand.train.block_watch import watching
from rexpand.train.checkpoints import Checkpoints
from rexpand.train.evaluation import evaluate
from rexpand.train.learning import set_to_learn
from rexpand.train.optimization import (
    learning_rate_at,
    move_average,
    set_learning_rate,
)
from rexpand.train.progress import Progress
from rexpand.train.run import Run
from rexpand.train.state import Progressed
from rexpand.train.under_way import Pass


def with_epoch(
    run: Run,
    done: Progressed,
    progress: Progress,
    checkpoints: Checkpoints | None = None,
) -> Progressed:
    """Train and judge one more epoch, or the rest of the one that is under way."""
    number = len(done.epochs)
    if done.under_way is None:
        torch.manual_seed(_seed_of(run.design.seed, number))
    trained = _train_epoch(run, done, progress, checkpoints)
    loss = trained.loss_sum / len(run.train)
    _check_loss(run, number, loss)
    training_seconds, judging = trained.seconds, time.perf_counter()
    with watching(run.judged, run.recipe.watch_rank) as watch:
        judged = evaluate(
            run.judged, run.held_out, run.accelerator.device, run.recipe.batch_size
        )
    progress.end_epoch(number, loss=loss, accuracy=judged.accuracy)
    epoch = Epoch(
        epoch=number,
        loss=loss,
        accuracy=judged.accuracy,
        held_out_loss=judged.loss,
        learning_rate=learning_rate_at(
            (number + 1) * run.steps - 1, run.steps, run.recipe
        ),
        images_per_second=len(run.train) / training_seconds,
        block_ranks=watch.ranks(),
    )
    seconds = done.seconds + training_seconds + time.perf_counter() - judging
    epochs, best = (*done.epochs, epoch), done.best
    if _is_best(run, done, epoch):
        run.trained.keep_as_best()
        best = number
    _sound_alarms(epochs, progress)
    return Progressed(epochs=epochs, seconds=seconds, best=best)


def _check_loss(run: Run, number: int, loss: float) -> None:
    """Raise RunError if a training has diverged."""
    if not isfinite(loss):
        raise RunError(
            f"the loss of {run.network.spec.name} is {loss} in epoch {number + 1}; "
            f"lower learning_rate, now {run.recipe.optimizer.learning_rate:g}"
        )


def _is_best(run: Run, done: Progressed, epoch: Epoch) -> bool:
    """Whether patience asks for the best epoch and this is it; never half condensed."""
    if not run.recipe.patience or not is_condensed(run.network):
        return False
    return done.best is None or epoch.accuracy > done.epochs[done.best].accuracy


def _sound_alarms(epochs: tuple[Epoch, ...], progress: Progress) -> None:
    """Tell of the blocks that collapsed in the last epoch."""
    fell = [each for each in collapses(epochs) if each.epoch == epochs[-1].epoch]
    if fell:
        progress.alarm(f"features collapse: {'; '.join(map(str, fell))}")


def _train_epoch(
    run: Run, done: Progressed, progress: Progress, checkpoints: Checkpoints | None
) -> Pass:
    """The rest of one pass over the training images, which may be all of it."""
    recipe, device = run.recipe, run.accelerator.device
    number, steps = len(done.epochs), run.steps
    seed = _seed_of(run.design.seed, number)
    under_way = Pass(done.under_way, seed, device)
    batches = run.train.batches(
        batch_size=recipe.batch_size,
        device=device,
        seed=seed,
        augmentation=recipe.augmentation,
        drop_last=run.leaves_one_out,
        part=Part(first_batch=under_way.steps),
    )
    changing = followers(run.network)
    set_to_learn(run.network, recipe)
    for step, (images, labels) in enumerate(batches, number * steps + under_way.steps):
        set_learning_rate(run.trained.optimizer, learning_rate_at(step, steps, recipe))
        for layer in changing:
            layer.follow((step + 1) / (recipe.epochs * steps))
        batch = mixed(images, labels, recipe.augmentation, under_way.mixing)
        under_way.add(_train_step(run, batch), len(labels))
        if run.trained.average and recipe.averaging:
            move_average(run.trained.average, run.network, step + 1, recipe.averaging)
        progress.advance(len(labels))
        if checkpoints and checkpoints.step():
            checkpoints.write(replace(done, under_way=under_way.stands()))
    return under_way


def _train_step(run: Run, batch: Mixed) -> Tensor:
    """One step of the optimiser: the mean loss of the batch, penalties left out."""
    recipe = run.recipe
    with run.accelerator.autocast():
        loss = loss_of(run.network(batch.images), batch, recipe.label_smoothing)
    objective = loss
    if recipe.group_lasso:
        objective = loss + recipe.group_lasso * group_lasso(run.network)
    run.accelerator.backward(objective)
    run.trained.optimizer.step()
    run.trained.optimizer.zero_grad()
    return loss.detach()


def loss_of(scores: Tensor, batch: Mixed, smoothing: float) -> Tensor:
    """Cross-entropy for both labels of each image, by their shares."""
    loss = cross_entropy(scores, batch.labels, label_smoothing=smoothing)
    if batch.share == 1:
        return loss
    other = cross_entropy(scores, batch.others, label_smoothing=smoothing)
    return batch.share * loss + (1 - batch.share) * other


def _seed_of(seed: int, epoch: int) -> int:
    """One seed for each epoch of each run, far apart."""
    return (seed * 1_000_003 + epoch + 1) % 2**31


def stops_early(recipe: Recipe, done: Progressed) -> bool:
    """Whether the last `patience` epochs brought nothing better."""
    if done.best is None:
        return False
    return len(done.epochs) - 1 - done.best >= recipe.patience
