"""A module in evaluation mode for a while, and afterwards as it was."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from rexpand.trace.foreign import foreign_code


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Evaluation mode; whatever happens, every layer's own mode is put back.

    Raises ForeignCodeError for a module that cannot change its mode.
    """
    training = [layer for layer in module.modules() if layer.training]
    try:
        with foreign_code(f"putting {type(module).__name__} in evaluation mode"):
            module.eval()
        yield
    finally:
        for layer in training:
            layer.training = True
