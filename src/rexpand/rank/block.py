"""A block that the user writes, put through the layer study.

The factory takes (d_in, d_out, activation) and gives an `nn.Module` that maps
(images, d_in, height, width) to (images, d_out, height, width), or to vectors of d_out.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from rexpand.errors import RankError
from rexpand.rank.draws import Sizes, draw_inputs, draw_sizes, draw_weight
from rexpand.rank.protocol import Protocol, Weights
from rexpand.trace.factory import find_factory, kind_of
from rexpand.trace.foreign import foreign_code

Factory = Callable[[int, int, str], nn.Module]


def load_factory(path: str) -> Factory:
    """The function that `package.module:factory` names; raises as `find_factory`."""
    return find_factory(path, ("d_in", "d_out", "activation"))


def block_features(
    path: str,
    factory: Factory,
    protocol: Protocol,
    activations: Sequence[str],
    dim_ratio: float,
    sizes: Sizes,
    sources: Sequence[torch.Generator],
) -> Tensor:
    """Features of (networks, curves, positions, d_out): each network built and run.

    The curves of a network share their inputs and, where the block draws as many
    numbers whatever its activation, their weights. Blocks run in training mode, so that
    batch norm uses the batch. ForeignCodeError if one cannot be built or run on these
    widths, RankError for features without ranks.
    """
    return torch.stack(
        [
            torch.stack(
                _one_network(
                    path, factory, protocol, activations, dim_ratio, sizes, source
                )
            )
            for source in sources
        ]
    )


def _one_network(
    path: str,
    factory: Factory,
    protocol: Protocol,
    activations: Sequence[str],
    dim_ratio: float,
    sizes: Sizes,
    source: torch.Generator,
) -> list[Tensor]:
    draw_sizes(protocol, dim_ratio, source)
    side = protocol.spatial_size
    images = torch.empty(protocol.images(sizes.d_out), side, side, sizes.d_in)
    draw_inputs(protocol, images, source)
    images = images.permute(0, 3, 1, 2).contiguous()
    seed = int(torch.randint(2**62, (1,), generator=source))
    found = []
    for activation in activations:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            with foreign_code(
                f"block '{path}' cannot map {sizes.d_in} to {sizes.d_out} channels "
                f"with {activation} on {side}x{side} pixels"
            ):
                block = factory(sizes.d_in, sizes.d_out, activation)
                if not isinstance(block, nn.Module):
                    raise RankError(f"block '{path}' is {kind_of(block)}, no nn.Module")
                _redraw(block.train(), protocol.weights)
                outputs = block(images.clone())
        found.append(_rows(path, outputs, sizes))
    return found


def _redraw(block: nn.Module, weights: Weights) -> None:
    """Draw every convolution and linear weight anew; biases and norms stay."""
    if weights == "own":
        return
    for module in block.modules():
        weight = getattr(module, "weight", None)
        if not isinstance(weight, Tensor) or weight.ndim < 2:
            continue
        fan_in = weight[0].numel()
        fan_out = len(weight) * weight[0, 0].numel()
        with torch.no_grad():
            draw_weight(weights, fan_in, fan_out, weight, None)


def _rows(path: str, outputs: object, sizes: Sizes) -> Tensor:
    if not isinstance(outputs, Tensor) or outputs.ndim not in (2, 4):
        raise RankError(
            f"block '{path}' gives {kind_of(outputs)}; it must give a tensor of "
            "(images, d_out, height, width) or (images, d_out)"
        )
    if outputs.shape[1] != sizes.d_out:
        raise RankError(
            f"block '{path}' gives {outputs.shape[1]} channels where d_out is "
            f"{sizes.d_out}; take the width from its second argument"
        )
    rows = outputs.movedim(1, -1).flatten(0, -2)
    if len(rows) < sizes.d_out:
        raise RankError(
            f"block '{path}' gives {len(rows)} positions for {sizes.d_out} channels; "
            "they bound the rank: raise samples_per_channel"
        )
    return rows
