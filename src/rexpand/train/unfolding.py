"""Batch norms that a release folded into its other weights get statistics again.

A folded norm adds a shift and no more. In training mode it would still normalise by the
statistics of a batch, and every layer would compute what its weights do not expect: such
a training never leaves chance. So each norm gets the mean and variance of its own input,
and the scale and shift with which it computes in evaluation what it computed before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.data.split import Split, stratified_subset
from rexpand.models import Network
from rexpand.recipe import Recipe
from rexpand.trace.evaluating import evaluating
from rexpand.train.learning import Norm, norms_of
from rexpand.train.start import Start

_MOST_IMAGES = 512  # which give a hundred thousand values and more for most channels
_BATCH = 32
_ROUNDING = 1e-4  # how far from 1 the factor of a folded norm may be


def unfolded(start: Start, images: Split, recipe: Recipe) -> Start:
    """The same start, its norms with statistics of `images` where they learn and have none.

    In evaluation it computes the same, within rounding.
    """
    if recipe.learns != "all" or recipe.frozen_norm or not is_folded(start.network):
        return start
    network = deepcopy(start.network)
    like = next(network.parameters())
    some = stratified_subset(images, min(_MOST_IMAGES, len(images)), seed=0)
    with _watched(network) as seen, evaluating(network), torch.inference_mode():
        for batch, _ in some.batches(
            batch_size=_BATCH,
            device=like.device,
            seed=None,
            augmentation=None,
        ):
            network(batch.to(like.dtype))
    for norm, moments in seen.items():
        _give_statistics(norm, moments)
    return replace(start, network=network)


def is_folded(network: Network) -> bool:
    """Whether all batch norms only add."""
    norms = [*norms_of(network)]
    return bool(norms) and all(_only_adds(norm) for norm in norms)


def _only_adds(norm: Norm) -> bool:
    mean, _ = _statistics(norm)
    return not mean.any() and bool((_factor(norm) - 1).abs().max() < _ROUNDING)


def _statistics(norm: Norm) -> tuple[Tensor, Tensor]:
    mean, variance = norm.running_mean, norm.running_var
    assert mean is not None
    assert variance is not None
    return mean, variance


def _factor(norm: Norm) -> Tensor:
    """What a norm multiplies its input by in evaluation."""
    _, variance = _statistics(norm)
    return (norm.weight / (variance + norm.eps).sqrt()).detach()


@dataclass(kw_only=True)
class _Moments:
    """Sums over all values of each channel so far, in float64."""

    count: int = 0
    first: Tensor | float = 0.0
    second: Tensor | float = 0.0

    def add(self, maps: Tensor) -> None:
        values = maps.transpose(0, 1).flatten(1).double()
        self.count += values.shape[1]
        self.first = self.first + values.sum(1)
        self.second = self.second + values.square().sum(1)


@contextmanager
def _watched(network: Network) -> Iterator[dict[Norm, _Moments]]:
    """The inputs of every norm are added up while the block runs."""
    seen: dict[Norm, _Moments] = {norm: _Moments() for norm in norms_of(network)}

    def look(norm: nn.Module, inputs: tuple[Any, ...]) -> None:
        seen[norm].add(inputs[0])  # type: ignore[index]

    handles = [norm.register_forward_pre_hook(look) for norm in seen]
    try:
        yield seen
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def _give_statistics(norm: Norm, moments: _Moments) -> None:
    """Mean and variance of the input, and the same line from input to output."""
    factor, (mean, variance) = _factor(norm), _statistics(norm)
    seen = torch.as_tensor(moments.first) / moments.count
    spread = torch.as_tensor(moments.second) / moments.count - seen.square()
    norm.bias.add_(factor * (seen.to(mean) - mean))
    mean.copy_(seen)
    variance.copy_(spread.clamp(min=0))
    norm.weight.copy_(factor * (variance + norm.eps).sqrt())
