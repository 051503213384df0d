"""What is kept of an operator that multiplies and accumulates.

One multiply-accumulate is one mac; adding a bias is none. The formulas are those of
torch's counter, halved: a convolution has its weights once for every position that it
puts out, a transposed one once for every position that it takes in.
"""

import math
from collections.abc import Sequence

from torch import Tensor

from rexpand.models.measure.watch import Watch, shape_of

Size = Sequence[int]


def convolution(
    watch: Watch,
    function: str,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    output: Size,
    stride: Size,
    dilation: Size,
    groups: int,
    is_transposed: bool = False,
) -> None:
    """Any convolution; `weight` is (out, in / groups, ...), transposed (in, out / groups)."""
    weights = weight.numel()
    positions = math.prod((x.shape if is_transposed else output)[2:])
    watch.add(
        "convolution",
        function,
        (shape_of(x),),
        tuple(output),
        params=weights + _numel(bias),
        macs=weights * positions * x.shape[0],
        kernel_size=tuple(weight.shape[2:]),
        stride=tuple(stride),
        dilation=tuple(dilation),
        groups=groups,
        contracted=weights // weight.shape[0],
        has_bias=bias is not None,
        is_transposed=is_transposed,
    )


def linear(
    watch: Watch,
    function: str,
    tokens: Size,
    weight: Tensor,
    bias: Tensor | None,
    output: Size,
) -> None:
    """A linear layer with weights (out, in) on anything that ends in `in` channels."""
    watch.add(
        "linear",
        function,
        (tuple(tokens),),
        tuple(output),
        params=weight.numel() + _numel(bias),
        macs=math.prod(tokens) * output[-1],
        contracted=tokens[-1],
        has_bias=bias is not None,
        channel_axis=-1,
    )


def product(watch: Watch, function: str, left: Size, right: Size, output: Size) -> None:
    """A product of two matrices, or of two stacks of them."""
    watch.add(
        "product",
        function,
        (tuple(left), tuple(right)),
        tuple(output),
        macs=math.prod(output) * left[-1],
        contracted=left[-1],
        channel_axis=-1,
    )


def attention(watch: Watch, function: str, query: Size, key: Size, value: Size) -> None:
    """Scaled dot products of (..., tokens, channels), and the sums that they weigh."""
    pairs = math.prod(query[:-1]) * key[-2]
    watch.add(
        "attention",
        function,
        (tuple(query), tuple(key), tuple(value)),
        (*query[:-1], value[-1]),
        macs=pairs * (query[-1] + value[-1]),
        contracted=query[-1],
        channel_axis=-1,
    )


def _numel(tensor: Tensor | None) -> int:
    return 0 if tensor is None else tensor.numel()
