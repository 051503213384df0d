"""Networks that choose a part of their connections while they train (CondenseNet).

A spec describes the network at test time, whose layers use chosen inputs. For training
they are replaced by layers that use all inputs and drop some step by step; afterwards
they are put back, with the same scores. Every other network is trained as it is.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from rexpand.blocks import (
    CondensedConv,
    CondensedLinear,
    LearnedGroupConv,
    LearnedLinear,
)
from rexpand.models.initialisation import initialise
from rexpand.models.network import Network, build
from rexpand.spec import SpecLike, as_spec


@runtime_checkable
class FollowsProgress(Protocol):
    """A layer that changes with the progress of training."""

    def follow(self, progress: float) -> None:
        """Change to what is due at a share `progress` of the training, 0 to 1."""


def build_for_training(network: SpecLike) -> Network:
    """The module to train, which becomes what the spec describes."""
    network = as_spec(network)
    built = build(network)
    _replace(built, _learned)
    built.set_norm_eps(network.norm_eps)
    return built


def condensed(network: Network) -> Network:
    """A trained network as its spec describes it: the same scores, fewer weights.

    A network with nothing to choose is returned unchanged. Raises ValueError for one
    that has not dropped all it must.
    """
    if not followers(network):
        return network
    if not is_condensed(network):
        raise ValueError(
            f"{network.spec.name} is still condensing; train it to the end, or call "
            "follow(1.0) on its followers"
        )
    whole = deepcopy(network)
    _replace(whole, _condensed)
    whole.set_norm_eps(network.spec.norm_eps)
    return whole.train(network.training)


def followers(network: nn.Module) -> tuple[FollowsProgress, ...]:
    """The layers of a network that must be told the progress of training."""
    return tuple(_learned_layers(network))


def is_condensed(network: nn.Module) -> bool:
    """Whether no layer has inputs left to drop."""
    return all(layer.choice.is_final for layer in _learned_layers(network))


def group_lasso(network: nn.Module) -> Tensor | float:
    """The penalty that makes a group's filters drop the same inputs (Section 3.2)."""
    return sum(
        layer.choice.lasso(layer.weight)
        for layer in network.modules()
        if isinstance(layer, LearnedGroupConv)
    )


def _learned_layers(network: nn.Module) -> list[LearnedGroupConv | LearnedLinear]:
    kinds = LearnedGroupConv | LearnedLinear
    return [layer for layer in network.modules() if isinstance(layer, kinds)]


def _replace(network: nn.Module, form: Callable[[nn.Module], nn.Module | None]) -> None:
    """Replace every layer by its other form, where it has one."""
    for parent in list(network.modules()):
        for name, layer in parent.named_children():
            other = form(layer)
            if other is not None:
                setattr(parent, name, other)


def _learned(layer: nn.Module) -> nn.Module | None:
    learned: LearnedGroupConv | LearnedLinear
    match layer:
        case CondensedConv(is_learned=True):
            learned = LearnedGroupConv(
                layer.in_channels,
                layer.reduce.conv.out_channels,
                groups=layer.reduce.conv.groups,
                condense_factor=layer.condense_factor,
            )
            learned.reduce.activation = layer.reduce.activation
        case CondensedLinear():
            learned = LearnedLinear(
                layer.in_features,
                layer.linear.out_features,
                condense_factor=layer.condense_factor,
                bias=layer.linear.bias is not None,
            )
        case _:
            return None
    return learned.apply(initialise)


@torch.no_grad()
def _condensed(layer: nn.Module) -> nn.Module | None:
    """The test-time form, on the layer's device and in its order of memory."""
    match layer:
        case LearnedGroupConv(choice=choice, reduce=reduce):
            conv = CondensedConv(
                choice.kept.shape[1],
                reduce.conv.out_channels,
                groups=choice.kept.shape[0],
                condense_factor=choice.condense_factor,
                activation="linear",
            ).to(layer.weight.device)
            conv.index.copy_(choice.index())
            conv.reduce.activation = reduce.activation
            conv.reduce.conv.weight.copy_(
                choice.condensed(layer.weight)[..., None, None]
            )
            for name, tensor in reduce.norm.state_dict().items():
                chosen = tensor[conv.index] if tensor.dim() else tensor
                conv.reduce.norm.state_dict()[name].copy_(chosen)
            return conv
        case LearnedLinear(choice=choice, linear=linear):
            condensed = CondensedLinear(
                linear.in_features,
                linear.out_features,
                condense_factor=choice.condense_factor,
                bias=linear.bias is not None,
            ).to(layer.weight.device)
            condensed.index.copy_(choice.index())
            condensed.linear.weight.copy_(choice.condensed(layer.weight))
            if linear.bias is not None:
                condensed.linear.bias.copy_(linear.bias)
            return condensed
        case _:
            return None
