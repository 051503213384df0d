"""Rules for what multiplies and accumulates: convolutions, products, attention.

A rule gives the operator's output and keeps the layer. Where shapes do not fit, or have
no batch, torch itself is asked, so that an error is torch's own.
"""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from rexpand.cost.operators import Edge, Shape
from rexpand.trace import keep
from rexpand.trace.contraction import einsum
from rexpand.trace.watch import Arguments, Rule, Watch, empty, shape_of


def product_rules() -> dict[Any, Rule]:
    """Rules by the function that Python calls."""
    return {
        torch.conv1d: _convolution("F.conv1d", 1),
        torch.conv2d: _convolution("F.conv2d", 2),
        torch.conv3d: _convolution("F.conv3d", 3),
        torch.conv_transpose1d: _transposed("F.conv_transpose1d", 1),
        torch.conv_transpose2d: _transposed("F.conv_transpose2d", 2),
        torch.conv_transpose3d: _transposed("F.conv_transpose3d", 3),
        F.linear: _linear,
        torch.matmul: _product("torch.matmul"),
        Tensor.matmul: _product("Tensor.matmul"),
        torch.bmm: _product("torch.bmm"),
        Tensor.bmm: _product("Tensor.bmm"),
        torch.mm: _product("torch.mm"),
        Tensor.mm: _product("Tensor.mm"),
        torch.einsum: einsum,
        F.scaled_dot_product_attention: _attention,
        F.multi_head_attention_forward: _multi_head,
    }


def _convolution(function: str, axes: int) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x, weight, bias, stride, padding, dilation, groups = _convolved(*args, **kwargs)
        steps, spread = _each(stride, axes), _each(dilation, axes)
        pads = _pads(padding, weight, spread)
        shape = _convolved_shape(x, weight, steps, padding, spread, groups)
        if shape is None or not x.is_meta:
            output = watch.counted(func, args, kwargs)
        else:
            output = empty(shape, x)
        keep.convolution(
            *(watch, function, x, weight, bias, output),
            stride=steps, padding=pads, dilation=spread, groups=groups,
        )  # fmt: skip
        return output

    return rule


def _transposed(function: str, axes: int) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        output = watch.counted(func, args, kwargs)
        x, weight, bias, stride, padding, groups, dilation = _spread(*args, **kwargs)
        keep.convolution(
            *(watch, function, x, weight, bias, output),
            stride=_each(stride, axes),
            padding=_each(padding, axes),
            dilation=_each(dilation, axes),
            groups=groups,
            is_transposed=True,
        )
        return output

    return rule


def _linear(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
    x, weight, bias = _projected(*args, **kwargs)
    if x.is_meta and weight.ndim == 2 and x.shape[-1] == weight.shape[1]:
        output = empty((*x.shape[:-1], weight.shape[0]), x)
    else:
        output = watch.counted(func, args, kwargs)
    keep.projected(watch, "F.linear", x, weight, bias, output)
    return output


def _product(function: str) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        left, right = _pair(*args, **kwargs)
        shape = _product_shape(left.shape, right.shape)
        if shape is None or not left.is_meta:
            output = watch.counted(func, args, kwargs)
        else:
            output = empty(shape, left)
        keep.product(watch, watch.spelling.of(function), left, right, output)
        return output

    return rule


def _attention(
    watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments
) -> Any:
    query, key, value, mask = _attended(*args, **kwargs)
    fits = query.shape[-1] == key.shape[-1] and key.shape[-2] == value.shape[-2]
    if mask is not None:
        pairs = (query.shape[-2], key.shape[-2])
        fits = fits and all(
            has in (1, wants)
            for has, wants in zip(mask.shape[-2:], pairs, strict=False)
        )
    if query.is_meta and fits:
        output = empty((*query.shape[:-1], value.shape[-1]), query)
    else:
        output = watch.counted(func, args, kwargs)
    name = "F.scaled_dot_product_attention"
    keep.attended(watch, name, (query, key, value), output)
    return output


def _multi_head(
    watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments
) -> Any:
    """`nn.MultiheadAttention`: three projections, attention, and a projection back."""
    output = watch.counted(func, args, kwargs)
    query, key, value, width, heads = args[:5]
    packed, biases, back, back_bias = (*args[5:7], *args[11:13])
    separate = [kwargs.get(f"{each}_proj_weight") for each in "qkv"]
    inward = separate if packed is None else packed.chunk(3)
    shifts = [None] * 3 if biases is None else biases.chunk(3)
    edges = []
    for tokens, weight, bias in zip((query, key, value), inward, shifts, strict=True):
        shape = (*tokens.shape[:-1], width)
        edge = watch.origins.edge(tokens)
        place = keep.linear(
            watch, "F.linear", shape_of(tokens), weight, bias, shape, edge
        )
        edges.append(Edge(origin=place))
    rows = math.prod(query.shape[1:-1])  # tokens come first here, then the batch
    sides = [
        (rows, heads, tokens.shape[0], width // heads) for tokens in (query, key, value)
    ]
    place = keep.attention(watch, "F.multi_head_attention_forward", sides, edges)
    shape = (*query.shape[:-1], width)
    edge = Edge(origin=place)
    place = keep.linear(watch, "F.linear", shape, back, back_bias, shape, edge)
    watch.origins.gave(output[0], place)
    return output


def _convolved(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> tuple[Tensor, Tensor, Tensor | None, Any, Any, Any, int]:
    """The arguments of `F.conv2d` by name; so are those below."""
    return input, weight, bias, stride, padding, dilation, groups


def _spread(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> tuple[Tensor, Tensor, Tensor | None, Any, Any, int, Any]:
    return input, weight, bias, stride, padding, groups, dilation


def _projected(
    input: Tensor, weight: Tensor, bias: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor | None]:
    return input, weight, bias


def _pair(left: Tensor, right: Tensor | None = None, **named: Any) -> Any:
    return left, (next(iter(named.values())) if right is None else right)


def _attended(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    *rest: Any,
    **options: Any,
) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
    return query, key, value, attn_mask


def _convolved_shape(
    x: Tensor, weight: Tensor, stride: Shape, padding: Any, dilation: Shape, groups: int
) -> Shape | None:
    """Batch, channels and sizes of the output; None where torch should say."""
    axes = len(stride)
    if x.ndim != axes + 2 or x.shape[1] != weight.shape[1] * groups:
        return None
    kernel = weight.shape[2:]
    if padding == "same":
        return (x.shape[0], weight.shape[0], *x.shape[2:])
    pads = (0,) * axes if padding == "valid" else _each(padding, axes)
    sizes = [
        (size + 2 * pad - spread * (side - 1) - 1) // step + 1
        for size, pad, spread, side, step in zip(
            x.shape[2:], pads, dilation, kernel, stride, strict=True
        )
    ]
    return (x.shape[0], weight.shape[0], *sizes) if min(sizes) > 0 else None


def _pads(padding: Any, weight: Tensor, dilation: Shape) -> Shape:
    """Pixels on each side; the fewer where `same` has an odd number in all."""
    if padding == "same":
        sides = zip(weight.shape[2:], dilation, strict=True)
        return tuple(spread * (side - 1) // 2 for side, spread in sides)
    return _each(0 if padding == "valid" else padding, len(dilation))


def _product_shape(left: Sequence[int], right: Sequence[int]) -> Shape | None:
    if min(len(left), len(right)) < 2 or left[-1] != right[-2]:
        return None
    if left[:-2] == right[:-2] or len(right) == 2:
        return (*left[:-1], right[-1])
    return None


def _each(value: Any, axes: int) -> Shape:
    """One number for every axis."""
    if isinstance(value, int):
        return (value,) * axes
    return tuple(value) * axes if len(value) == 1 else tuple(value)
