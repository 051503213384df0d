"""One epoch of the training of a detector."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from itertools import islice
from math import isfinite

import torch
from torch import Tensor

from rexpand.errors import DivergedError
from rexpand.records import DetectionEpoch
from rexpand.train.checkpoints import StateFiles
from rexpand.train.learner import average_statistics, without_exchange
from rexpand.train.optimization import (
    learning_rate_at,
    move_average,
    set_learning_rate,
)
from rexpand.train.precision import autocast
from rexpand.train.step_losses import StepLosses
from rexpand.transfer.detection.building import Target
from rexpand.transfer.detection.freezing import set_to_learn
from rexpand.transfer.detection.progress import DetectionProgress
from rexpand.transfer.detection.run import DetectionRun, Judged
from rexpand.transfer.detection.state import Begun, Done, state_of


def with_epoch(
    run: DetectionRun, done: Done, progress: DetectionProgress, files: StateFiles
) -> tuple[Done, Judged | None]:
    """Train one more epoch, or the rest of the one that is begun; judge if it is time.

    Raises DivergedError if the loss is not finite.
    """
    number = len(done.epochs)
    begun = _trained(run, done, progress, files)
    parts = {name: total / run.cut.trained for name, total in begun.losses.items()}
    epoch = DetectionEpoch(
        epoch=number,
        loss=sum(parts.values()),
        parts=parts,
        learning_rate=rate_at(run, (number + 1) * run.cut.steps - 1),
        images_per_second=run.cut.trained / begun.seconds,
        seconds=begun.seconds,
    )
    after, judged = replace(done, epochs=(*done.epochs, epoch), begun=None), None
    if run.is_over(after):  # no state follows, but the record
        stands = replace(done, begun=begun)
        files.write(partial(state_of, run.trained, run.design, stands))
    if run.is_judged_after(number + 1):
        judged = run.judged()
        after = with_last_judged(after, judged)
    progress.end_epoch(after.epochs[-1])
    return after, judged


def with_last_judged(done: Done, judged: Judged) -> Done:
    """What is done, the last epoch with its measures and the time that they took."""
    *before, last = done.epochs
    last = replace(
        last,
        box_ap=judged.scores.box_ap,
        box_ap50=judged.scores.box_ap50,
        mask_ap=judged.scores.mask_ap,
        seconds=last.seconds + judged.seconds,
    )
    return replace(done, epochs=(*before, last))


def rate_at(run: DetectionRun, step: int) -> float:
    """The learning rate of a step, from 0 over all epochs."""
    recipe = run.recipe
    rate = learning_rate_at(step, run.cut.steps, recipe)
    if step >= recipe.schedule.warmup_epochs * run.cut.steps:
        return rate
    start = recipe.warmup_start
    return start * recipe.optimizer.learning_rate + (1 - start) * rate


def _trained(
    run: DetectionRun, done: Done, progress: DetectionProgress, files: StateFiles
) -> Begun:
    """The epoch with all of its steps."""
    number = len(done.epochs)
    seed = (run.design.seed * 1_000_003 + number + 1) % 2**31  # far apart
    under_way = _Pass(done.begun)
    losses = StepLosses(progress, number, under_way)
    batches = run.batches(seed, under_way.steps)
    set_to_learn(run.trained.network)
    for step in range(under_way.steps, run.cut.steps):
        over_all = number * run.cut.steps + step
        rate = rate_at(run, over_all)
        set_learning_rate(run.trained.optimizer, rate)
        torch.manual_seed(run.processes.seed(seed, step))
        micro_batches, images = run.cut.of_step(step)
        found = take_step(run, islice(batches, micro_batches), step)
        _check_finite(run, found, number, step)
        under_way.add(found)
        if run.trained.average and run.recipe.averaging:
            move_average(
                run.trained.average,
                run.trained.network,
                over_all + 1,
                run.recipe.averaging,
            )
        progress.advance(images)
        losses.step(over_all + 1, images=images, rate=rate)
        if files.step():
            stands = replace(done, begun=under_way.stands())
            files.write(partial(state_of, run.trained, run.design, stands))
    return under_way.stands()


class _Pass:
    """The epoch under way: its steps, and the sums of their losses."""

    def __init__(self, before: Begun | None) -> None:
        self.steps = before.steps if before else 0
        self._losses = Counter(before.losses if before else {})
        self._seconds = before.seconds if before else 0.0
        self._started = time.perf_counter()

    def add(self, losses: Mapping[str, float]) -> None:
        """One more step is done, at these sums of its images' losses."""
        self.steps += 1
        self._losses.update(losses)

    @property
    def loss_sum(self) -> float:
        """The sum over all images so far."""
        return sum(self._losses.values())

    def stands(self) -> Begun:
        """Where the pass stands, as data."""
        seconds = self._seconds + time.perf_counter() - self._started
        return Begun(steps=self.steps, losses=dict(self._losses), seconds=seconds)


def take_step(
    run: DetectionRun, batches: Iterable[tuple[list[Tensor], list[Target]]], step: int
) -> Mapping[str, float]:
    """Follow the gradient of the mean loss over a step's images.

    `batches` are this process's slices of the step's micro-batches. Gives the sums of the
    losses over the step's images, those of all processes, by torchvision's names.
    """
    micro_batches, images = run.cut.of_step(step)
    half = autocast(run.recipe.precision, run.device)
    sums: dict[str, Tensor] = {}
    for number, (pixels, targets) in enumerate(batches, start=1):
        is_last = number == micro_batches
        with nullcontext() if is_last else without_exchange(run.learner):
            with run.processes.exchange(), half:
                losses = run.learner(pixels, targets)
            # Gradients are averaged over processes, whose slices may differ in size.
            share = len(pixels) / images * run.processes.count
            with run.processes.exchange():
                run.accelerator.backward(sum(losses.values()) * share)
        for name, loss in losses.items():
            sums[name] = sums.get(name, 0) + loss.detach().float() * len(pixels)
    run.trained.optimizer.step()
    run.trained.optimizer.zero_grad()
    if run.design.spec.norm != "sync":
        average_statistics(run.trained.network, run.processes)
    total = torch.stack([sums[name] for name in sorted(sums)])
    run.processes.add_up(total)
    return dict(zip(sorted(sums), total.tolist(), strict=True))


def _check_finite(
    run: DetectionRun, losses: Mapping[str, float], epoch: int, step: int
) -> None:
    for name, loss in losses.items():
        if not isfinite(loss):
            raise DivergedError(
                f"{name} of {run.design.spec.detector} is {loss} in epoch {epoch + 1}, "
                f"step {step + 1}; lower learning_rate, now "
                f"{run.recipe.optimizer.learning_rate:g}, or raise warmup_epochs"
            )
