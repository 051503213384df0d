"""One epoch: the steps of training, and the judgement after them."""

import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import torch

from rexpand.data.mixing import Mixed, mixed
from rexpand.models import followers, is_condensed
from rexpand.records import Epoch, collapses
from rexpand.train.block_watch import watching
from rexpand.train.checkpoints import Checkpoints
from rexpand.train.divergence import diverged
from rexpand.train.learning import set_to_learn
from rexpand.train.optimization import (
    learning_rate_at,
    move_average,
    set_learning_rate,
)
from rexpand.train.optimizer_step import take_step
from rexpand.train.progress import Progress
from rexpand.train.run import Run
from rexpand.train.state import Progressed
from rexpand.train.step_losses import StepLosses
from rexpand.train.under_way import NotFiniteError, Pass


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
    try:
        trained = _train_epoch(run, done, progress, checkpoints)
        loss = trained.loss_sum / run.cut.trained
    except NotFiniteError as found:
        raise diverged(run.network.spec.name, run.recipe, done, found) from None
    epoch = _judged(run, done, loss, trained.seconds)
    progress.end_epoch(epoch)
    epochs, best = (*done.epochs, epoch), done.best
    if _is_best(run, done, epoch):
        run.trained.keep_as_best()
        best = number
    _sound_alarms(epochs, progress)
    return replace(
        done,
        epochs=epochs,
        seconds=done.seconds + (epoch.seconds or 0.0),
        best=best,
        under_way=None,
    )


def _judged(run: Run, done: Progressed, loss: float, training_seconds: float) -> Epoch:
    """The epoch that was trained, at a mean loss in so many seconds, judged."""
    number, started = len(done.epochs), time.perf_counter()
    with watching(run.judged, run.recipe.watch_rank) as watch:
        judged = run.evaluation()
    return Epoch(
        epoch=number,
        loss=loss,
        accuracy=judged.accuracy,
        held_out_loss=judged.loss,
        learning_rate=_rate(run, done, (number + 1) * run.cut.steps - 1),
        images_per_second=run.cut.trained / training_seconds,
        block_ranks=watch.ranks(),
        seconds=training_seconds + time.perf_counter() - started,
    )


def _rate(run: Run, done: Progressed, step: int) -> float:
    """The learning rate of a step, from 0 over all epochs."""
    return done.rate_scale * learning_rate_at(step, run.cut.steps, run.recipe)


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
    recipe, cut = run.recipe, run.cut
    before = len(done.epochs) * cut.steps
    seed = _seed_of(run.design.seed, len(done.epochs))
    under_way = Pass(done.under_way, seed, run.device)
    batches = _batches(run, under_way, seed)
    changing = followers(run.network)
    losses = StepLosses(progress, len(done.epochs), under_way)
    set_to_learn(run.network, recipe)
    for step in range(under_way.steps, cut.steps):
        rate = _rate(run, done, before + step)
        set_learning_rate(run.trained.optimizer, rate)
        for layer in changing:
            layer.follow((before + step + 1) / (recipe.epochs * cut.steps))
        if run.processes.are_many:
            torch.manual_seed(run.processes.seed(seed, step))
        micro_batches, images = cut.of_step(step)
        under_way.add(take_step(run, islice(batches, micro_batches), step))
        if run.trained.average and recipe.averaging:
            moved = before + step + 1
            move_average(run.trained.average, run.network, moved, recipe.averaging)
        progress.advance(images)
        losses.step(before + step + 1, images=images, rate=rate)
        if checkpoints and checkpoints.step() and under_way.is_finite:
            checkpoints.write(replace(done, under_way=under_way.stands()))
    return under_way


def _batches(run: Run, under_way: Pass, seed: int) -> Iterator[Mixed]:
    """This process's slices of the micro-batches that are left of an epoch."""
    recipe = run.recipe
    slices = run.train.batches(
        batch_size=run.cut.size,
        device=run.device,
        seed=seed,
        augmentation=recipe.augmentation,
        drop_last=run.cut.leaves_some_out,
        part=run.processes.part(under_way.steps * recipe.accumulation),
    )
    # Drawn alike by all processes; each mixes within its slice.
    return (mixed(*each, recipe.augmentation, under_way.mixing) for each in slices)


def _seed_of(seed: int, epoch: int) -> int:
    """One seed for each epoch of each run, far apart."""
    return (seed * 1_000_003 + epoch + 1) % 2**31
