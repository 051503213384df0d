"""Rules for what multiplies and accumulates: convolutions, products, attention.

A rule gives the operator's output and keeps the layer. Where shapes do not fit, or have
no batch, torch itself is asked, so that an error is torch's own.
"""

import math
import sys
from collections.abc import Sequence
from dis import opmap
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from rexpand.cost.module import Shape
from rexpand.models.measure import keep
from rexpand.models.measure.contraction import einsum
from rexpand.models.measure.watch import Arguments, Rule, Watch, empty

_BINARY = opmap["BINARY_OP"]
_OURS = frozenset(("__torch_function__", "rule"))


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


def spelled(function: str) -> str:
    """`Tensor.mul`, or `operator.mul` where the network's code has `x * y`.

    torch gives both the same function; only the caller's instruction tells them apart,
    and ptflops counts the one and not the other.
    """
    frame = sys._getframe(1)
    while frame.f_code.co_name in _OURS and frame.f_back:
        frame = frame.f_back
    if frame.f_code.co_code[frame.f_lasti] != _BINARY:
        return function
    return function.replace("Tensor.", "operator.")


def _convolution(function: str, axes: int) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x, weight, bias, stride, padding, dilation, groups = _convolved(*args, **kwargs)
        steps, spread = _each(stride, axes), _each(dilation, axes)
        shape = _convolved_shape(x, weight, steps, padding, spread, groups)
        if shape is None or not x.is_meta:
            output = watch.counted(func, args, kwargs)
            shape = tuple(output.shape)
        else:
            output = empty(shape, x)
        keep.convolution(watch, function, x, weight, bias, shape, steps, spread, groups)
        return output

    return rule


def _transposed(function: str, axes: int) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        output = watch.counted(func, args, kwargs)
        x, weight, bias, stride, groups, dilation = _spread(*args, **kwargs)
        keep.convolution(
            *(watch, function, x, weight, bias, output.shape),
            *(_each(stride, axes), _each(dilation, axes), groups),
            is_transposed=True,
        )
        return output

    return rule


def _linear(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
    x, weight, bias = _projected(*args, **kwargs)
    shape = (*x.shape[:-1], *weight.shape[:-1])
    if x.is_meta and weight.ndim == 2 and x.shape[-1] == weight.shape[1]:
        output = empty(shape, x)
    else:
        output = watch.counted(func, args, kwargs)
    keep.linear(watch, "F.linear", x.shape, weight, bias, shape)
    return output


def _product(function: str) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        left, right = _pair(*args, **kwargs)
        shape = _product_shape(left.shape, right.shape)
        name = spelled(function)
        if shape is None or not left.is_meta:
            output = watch.counted(func, args, kwargs)
            shape = tuple(output.shape)
        else:
            output = empty(shape, left)
        keep.product(watch, name, left.shape, right.shape, shape)
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
    keep.attention(watch, name, query.shape, key.shape, value.shape)
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
    for tokens, weight, bias in zip((query, key, value), inward, shifts, strict=True):
        shape = (*tokens.shape[:-1], width)
        keep.linear(watch, "F.linear", tokens.shape, weight, bias, shape)
    rows = math.prod(query.shape[1:-1])  # tokens come first here, then the batch
    sides = [
        (rows, heads, tokens.shape[0], width // heads) for tokens in (query, key, value)
    ]
    keep.attention(watch, "F.multi_head_attention_forward", *sides)
    shape = (*query.shape[:-1], width)
    keep.linear(watch, "F.linear", shape, back, back_bias, shape)
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
) -> tuple[Tensor, Tensor, Tensor | None, Any, int, Any]:
    return input, weight, bias, stride, groups, dilation


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
