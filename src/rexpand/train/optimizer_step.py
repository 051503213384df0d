"""One step of the optimiser, over all micro-batches and all processes."""

from collections.abc import Iterable
from contextlib import nullcontext

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rexpand.data.mixing import Mixed
from rexpand.models import group_lasso
from rexpand.train.learner import average_statistics, without_exchange
from rexpand.train.precision import autocast
from rexpand.train.run import Run


def take_step(run: Run, batches: Iterable[Mixed], step: int) -> Tensor:
    """Follow the gradient of the mean loss over a step's images, penalties included.

    `batches` are this process's slices of the step's micro-batches. Gives the sum of the
    losses of the step's images, those of all processes; penalties are left out.
    """
    micro_batches, images = run.cut.of_step(step)
    total = torch.zeros((), device=run.device)
    for number, batch in enumerate(batches, start=1):
        is_last = number == micro_batches
        with nullcontext() if is_last else without_exchange(run.learner):
            loss = _add_gradient(run, batch, len(batch.labels) / images, micro_batches)
        total += loss * len(batch.labels)
    run.trained.optimizer.step()
    run.trained.optimizer.zero_grad()
    if not run.recipe.sync_norm:
        average_statistics(run.network, run.processes)
    run.processes.add_up(total)
    return total


def _add_gradient(run: Run, batch: Mixed, share: float, micro_batches: int) -> Tensor:
    """Add a slice's part of the step's gradient; the mean loss of the slice.

    The slice is a `share` of the step's images. Gradients are averaged over the
    processes, whose slices may be of different sizes: the weight is for their sum.
    """
    recipe = run.recipe
    with run.processes.exchange(), autocast(recipe.precision, run.accelerator.device):
        scores = run.learner(batch.images)
        loss = loss_of(scores, batch, recipe.label_smoothing)
        if run.lesson is not None:
            loss = run.lesson.added_to(loss, scores, batch.images)
    objective = loss * (share * run.processes.count)
    if recipe.group_lasso:
        weight = recipe.group_lasso / micro_batches
        objective = objective + weight * group_lasso(run.network)
    with run.processes.exchange():
        run.accelerator.backward(objective)
    return loss.detach()


def loss_of(scores: Tensor, batch: Mixed, smoothing: float) -> Tensor:
    """Cross-entropy for both labels of each image, by their shares."""
    loss = cross_entropy(scores, batch.labels, label_smoothing=smoothing)
    if batch.share == 1:
        return loss
    other = cross_entropy(scores, batch.others, label_smoothing=smoothing)
    return batch.share * loss + (1 - batch.share) * other
