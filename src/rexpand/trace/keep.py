"""What is kept of an operator that multiplies and accumulates.

One multiply-accumulate is one mac; adding a bias is none. The formulas are those of
torch's counter, halved: a convolution has its weights once for every position that it
outputs, a transposed one once for every position of its input.
"""

import math
from collections.abc import Sequence

from torch import Tensor

from rexpand.cost.operators import Edge, Shape
from rexpand.trace.watch import Watch, shape_of


def convolution(
    watch: Watch,
    function: str,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    output: Tensor,
    *,
    stride: Shape,
    padding: Shape,
    dilation: Shape,
    groups: int,
    is_transposed: bool = False,
) -> None:
    """Any convolution; `weight` is (out, in / groups, ...), transposed (in, out / groups)."""
    weights = weight.numel()
    positions = math.prod((x if is_transposed else output).shape[2:])
    watch.add(
        "convolution",
        function,
        (x,),
        output,
        tensors=watch.held(weight=weight, bias=bias),
        params=weights + _numel(bias),
        macs=weights * positions * x.shape[0],
        kernel_size=tuple(weight.shape[2:]),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        contracted=weights // weight.shape[0],
        has_bias=bias is not None,
        is_transposed=is_transposed,
    )


def linear(
    watch: Watch,
    function: str,
    tokens: Shape,
    weight: Tensor,
    bias: Tensor | None,
    output: Shape,
    edge: Edge,
) -> int:
    """A linear layer with weights (out, in) on anything that ends in `in` channels.

    Gives its place; who calls it says which tensor it gave.
    """
    return watch.keep(
        "linear",
        function,
        (tokens,),
        output,
        (edge,),
        tensors=watch.held(weight=weight, bias=bias),
        params=weight.numel() + _numel(bias),
        macs=math.prod(tokens) * output[-1],
        contracted=tokens[-1],
        has_bias=bias is not None,
        channel_axis=-1,
    )


def product(
    watch: Watch, function: str, left: Tensor, right: Tensor, output: Tensor
) -> None:
    """A product of two matrices, or of two stacks of them."""
    watch.add(
        "product",
        function,
        (left, right),
        output,
        macs=math.prod(output.shape) * left.shape[-1],
        contracted=left.shape[-1],
        channel_axis=-1,
    )


def attention(
    watch: Watch, function: str, sides: Sequence[Shape], edges: Sequence[Edge]
) -> int:
    """Scaled dot products of query, key and value, each (..., tokens, channels).

    Gives its place; who calls it says which tensor it gave.
    """
    query, key, value = sides
    pairs = math.prod(query[:-1]) * key[-2]
    return watch.keep(
        "attention",
        function,
        (query, key, value),
        (*query[:-1], value[-1]),
        tuple(edges),
        macs=pairs * (query[-1] + value[-1]),
        contracted=query[-1],
        channel_axis=-1,
    )


def attended(
    watch: Watch, function: str, operands: Sequence[Tensor], output: Tensor
) -> None:
    """Attention of three tensors, which gives one."""
    sides = [shape_of(each) for each in operands]
    edges = [watch.origins.edge(each) for each in operands]
    watch.origins.gave(output, attention(watch, function, sides, edges))


def projected(
    watch: Watch,
    function: str,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    output: Tensor,
) -> None:
    """A linear layer on a tensor, which gives one."""
    edge = watch.origins.edge(x)
    place = linear(watch, function, shape_of(x), weight, bias, shape_of(output), edge)
    watch.origins.gave(output, place)


def _numel(tensor: Tensor | None) -> int:
    return 0 if tensor is None else tensor.numel()
