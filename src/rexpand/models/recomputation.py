"""Blocks whose inner maps are computed again in the backward pass, not kept.

Of a block only its inputs are kept, which takes less memory and one more forward pass
(arXiv 1604.06174). Random draws are those of the first pass, and batch norms learn from
that one alone.
"""

from collections.abc import Iterator, Sequence
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
    """What batch norms learn inside the `with` is forgotten."""
    norms = [
        layer
        for layer in block.modules()
        if isinstance(layer, nn.modules.batchnorm._BatchNorm)
    ]
    learned = [dict(layer.named_buffers(recurse=False)) for layer in norms]
    _set_buffers(norms, [_copies(each) for each in learned])
    try:
        yield
    finally:
        _set_buffers(norms, learned)


def _copies(buffers: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name: buffer.clone() for name, buffer in buffers.items()}


def _set_buffers(layers: Sequence[nn.Module], buffers: list[dict[str, Tensor]]) -> None:
    for layer, named in zip(layers, buffers, strict=True):
        for name, buffer in named.items():
            setattr(layer, name, buffer)
