"""Blocks whose inner maps are computed again in the backward pass, not kept.

Of a block only its inputs are kept, which takes less memory and one more forward pass
(arXiv 1604.06174). Random draws are those of the first pass, and batch norms learn from
that one alone.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


def recomputed(block: nn.Module, *inputs: Tensor) -> Tensor:
    """The output of a block, which computes itself again when gradients are asked for."""

    def passes() -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        return nullcontext(), _without_learning(block)

    return checkpoint(block, *inputs, use_reentrant=False, context_fn=passes)


@contextmanager
def _without_learning(block: nn.Module) -> Iterator[None]:
    """Batch norms normalise as they do in training, and leave their statistics alone."""
    norms = [
        layer
        for layer in block.modules()
        if isinstance(layer, nn.modules.batchnorm._BatchNorm)
        and layer.track_running_stats
    ]
    for layer in norms:
        layer.track_running_stats = False
    try:
        yield
    finally:
        for layer in norms:
            layer.track_running_stats = True
