"""Which layers of a network a proxy looks at, and how it runs them without training."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn

from rexpand.rank.sites import kind_of
from rexpand.trace.evaluating import evaluating

# Gates weigh channels; what bends a signal at zero is told from them by its name.
_GATES = ("sigmoid", "tanh", "softsign")


def is_rectifier(layer: nn.Module) -> bool:
    """Whether a layer is an activation that passes what is positive: ReLU, SiLU, GELU."""
    name = type(layer).__name__.lower()
    return kind_of(layer) == "activation" and not any(gate in name for gate in _GATES)


def is_norm(layer: nn.Module) -> bool:
    """Whether a layer is a norm."""
    return kind_of(layer) == "norm"


@contextmanager
def normalising(module: nn.Module) -> Iterator[None]:
    """Evaluation mode, but norms use the statistics of the batch, as in the first step.

    New norms have no others that mean anything: theirs say mean 0 and variance 1.
    """
    norms = [layer for layer in module.modules() if is_norm(layer)]
    with evaluating(module):
        for norm in norms:
            norm.training = True
        try:
            yield
        finally:
            for norm in norms:
                norm.training = False
