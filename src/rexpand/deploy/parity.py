"""How far the scores of another runtime are from ours."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.errors import RunError
from rexpand.trace.evaluating import evaluating
from rexpand.trace.factory import kind_of
from rexpand.trace.foreign import foreign_code

BATCHES = (1, 3)  # images per batch of a check; networks are traced with two


def difference(
    module: nn.Module, runtime: Callable[[Any], Any], batches: Iterable[Tensor]
) -> float:
    """Largest difference of a runtime's scores, as a share of our largest score.

    The runtime takes images and gives scores as arrays of numpy.
    """
    differences = []
    for images in batches:
        ours = _scores(module, images)
        theirs = torch.from_numpy(runtime(images.numpy()))
        differences.append((theirs - ours).abs().max() / ours.abs().max())
    return float(torch.stack(differences).max())


def _scores(module: nn.Module, images: Tensor) -> Tensor:
    kind = type(module).__name__
    with torch.no_grad(), evaluating(module), foreign_code(f"running {kind}"):
        scores = module(images.to(device_of(module)))
    if not isinstance(scores, Tensor):
        raise RunError(f"{kind} gives {kind_of(scores)}, not one tensor of scores")
    return scores.cpu()


def device_of(module: nn.Module) -> torch.device:
    """Where a module's weights are; the CPU for one without any."""
    return next(module.parameters(), torch.empty(0)).device
