"""Which part of a network learns: the rest keeps its values, to the bit."""

from collections.abc import Iterator

from torch import nn

from rexpand.errors import SpecError
from rexpand.models import Network, followers
from rexpand.recipe import Recipe

Norm = nn.BatchNorm1d | nn.BatchNorm2d | nn.SyncBatchNorm


def check_learns(network: Network, recipe: Recipe) -> None:
    """Raise SpecError for a network that would change where the recipe lets it not."""
    if recipe.learns == "classifier" and followers(network):
        raise SpecError(
            f"{network.spec.name} chooses its inputs while it trains, in every layer; set "
            "learns to all"
        )


def freeze(network: Network, recipe: Recipe) -> None:
    """Take the gradients from the parameters that the recipe does not let learn."""
    if recipe.learns == "classifier":
        network.requires_grad_(False)
        network.head.classifier.requires_grad_(True)
    if recipe.frozen_norm == "all":
        for norm in norms_of(network):
            norm.requires_grad_(False)


def set_to_learn(network: Network, recipe: Recipe) -> None:
    """Training mode for what learns; what is frozen computes as in evaluation.

    Dropout before the classifier belongs to it.
    """
    if recipe.learns == "classifier":
        network.eval()
        network.head.dropout.train()
        network.head.classifier.train()
        return
    network.train()
    if recipe.frozen_norm:
        for norm in norms_of(network):
            norm.eval()


def norms_of(network: nn.Module) -> Iterator[Norm]:
    """The batch norms, in the order of the modules."""
    return (layer for layer in network.modules() if isinstance(layer, Norm))
