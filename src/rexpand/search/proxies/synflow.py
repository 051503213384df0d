"""SynFlow: the flow through the weights of a new network (arXiv 2006.05467, 2101.08134).

With every weight's absolute value, without norms and rectifiers (what is positive passes
them), an image of ones gives the sum R of the outputs. The score of a weight w is
|w dR/dw|, that of a network their sum over convolutions and linear layers, of which the
decimal logarithm is given: it orders networks alike. No image of the data is seen.
"""

from math import inf, log10

import torch
from torch import Tensor, nn

from rexpand.errors import RankError
from rexpand.search.proxies.layers import is_norm, is_rectifier


def synflow(network: nn.Module, images: Tensor) -> float:
    """log10 of the sum of |w dR/dw|; the network is of no further use.

    Only the size of the images counts. RankError where the sum is not a finite number
    above 0.
    """
    network.eval().double()
    _make_linear(network)
    weights = [each for each in network.parameters() if each.dim() > 1]
    with torch.no_grad():
        for each in network.parameters():
            each.abs_()
    ones = torch.ones_like(images[:1], dtype=torch.float64)
    flows = torch.autograd.grad(network(ones).sum(), weights, allow_unused=True)
    total = sum(
        float((weight.detach() * flow).abs().sum())
        for weight, flow in zip(weights, flows, strict=True)
        if flow is not None
    )
    if not 0 < total < inf:
        raise RankError(
            f"the flow through the network is {total:g}, which synflow cannot compare; "
            "leave it out"
        )
    return log10(total)


def _make_linear(network: nn.Module) -> None:
    """Put the identity in the place of every norm and rectifier; gates stay."""
    for layer in [*network.modules()]:
        for name, child in layer.named_children():
            if is_norm(child) or is_rectifier(child):
                setattr(layer, name, nn.Identity())
