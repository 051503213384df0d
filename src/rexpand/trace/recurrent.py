"""Rules for recurrent layers: matrix products of every step, all of them at once."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rexpand.cost.operators import Edge, Shape
from rexpand.trace.watch import Arguments, Rule, Watch, empty, shape_of


def recurrent_rules() -> dict[Any, Rule]:
    """Rules by the function that the modules call."""
    return {
        torch.lstm: _recurrent("torch.lstm", cells=True),
        torch.gru: _recurrent("torch.gru"),
        torch.rnn_tanh: _recurrent("torch.rnn_tanh"),
        torch.rnn_relu: _recurrent("torch.rnn_relu"),
    }


def _recurrent(function: str, *, cells: bool = False) -> Rule:
    """`cells` is whether the state has a cell beside the output, as in an LSTM."""

    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        if len(args) != 9 or not isinstance(args[3], bool):
            return func(*args, **kwargs)  # packed sequences: seen step by step
        x, state, weights, _, layers, _, _, is_double, _ = args
        ways = 2 if is_double else 1
        each = len(weights) // (layers * ways)
        width = (state[0] if cells else state).shape[-1]
        shape = (*x.shape[:-1], ways * width)
        if x.is_meta:
            states = state if cells else (state,)
            output = (empty(shape, x), *(empty(part.shape, x) for part in states))
        else:
            output = watch.counted(func, args, kwargs)
        below = last = 0
        for layer in range(layers):
            read = shape_of(x) if layer == 0 else shape
            for way in range(ways):
                first = (layer * ways + way) * each
                own = weights[first : first + each]
                edge = watch.origins.edge(x) if layer == 0 else Edge(origin=below)
                last = _keep(watch, function, read, (*x.shape[:-1], width), own, edge)
            below = last
        watch.origins.gave(output[0], last)
        return output

    return rule


def _keep(
    watch: Watch,
    function: str,
    read: Shape,
    output: Shape,
    weights: Sequence[Tensor],
    edge: Edge,
) -> int:
    """One direction of one layer: every weight is used once for every token."""
    tokens = read[0] * read[1]
    products = sum(weight.numel() for weight in weights if weight.ndim == 2)
    return watch.keep(
        *("linear", function, (read,), output, (edge,)),
        params=sum(weight.numel() for weight in weights),
        macs=tokens * products,
        contracted=read[-1],
        channel_axis=-1,
    )
