"""Rules for what has no macs: norms, activations, additions, pools, views.

They read and write elements, and the counters disagree on what they are worth; so each
is kept with the function that was called. On `meta` the output comes from shapes alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from rexpand.cost.operators import Kind, Shape
from rexpand.trace.watch import (
    Arguments,
    Rule,
    Watch,
    alias,
    axis_of,
    constants_of,
    empty,
    look,
    shape_of,
)

ACTIVATIONS = (
    *("relu", "relu6", "elu", "selu", "celu", "leaky_relu", "rrelu", "silu", "gelu"),
    *("mish", "hardswish", "hardsigmoid", "hardtanh", "sigmoid", "tanh", "logsigmoid"),
    *("softplus", "softsign", "hardshrink", "softshrink", "tanhshrink", "prelu"),
)
UNARY = (
    *("exp", "expm1", "log", "log1p", "sqrt", "rsqrt", "abs", "neg", "square", "sin"),
    *("cos", "erf", "floor", "ceil", "round", "sign", "reciprocal", "clamp", "clip"),
    *("clamp_min", "clamp_max", "nan_to_num"),
)
BINARY: dict[str, Kind] = {
    **dict.fromkeys(("add", "sub", "subtract", "rsub"), "add"),
    **dict.fromkeys(("mul", "multiply", "div", "divide", "true_divide"), "multiply"),
    **dict.fromkeys(("pow", "__pow__", "maximum", "minimum"), "elementwise"),
    **dict.fromkeys(("__rsub__",), "add"),
    **dict.fromkeys(("__rdiv__", "__rtruediv__"), "multiply"),
}
SOFTMAX = ("softmax", "log_softmax", "softmin")
REDUCTIONS = ("mean", "sum", "amax", "amin")
DROPOUTS = (
    *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"),
    "feature_alpha_dropout",
)
_STATISTICS = ("running_mean", "running_var")
VIEWS = (
    *("view", "reshape", "flatten", "permute", "transpose", "unsqueeze", "squeeze"),
    *("expand", "expand_as", "chunk", "split", "unbind", "narrow", "select", "t"),
    *("contiguous", "detach", "view_as", "movedim", "swapaxes", "unflatten", "to"),
    *("swapdims", "tensor_split", "split_with_sizes", "type_as", "float", "half"),
    *("__getitem__", "unfold", "reshape_as", "moveaxis", "bfloat16", "broadcast_to"),
)


def elementwise_rules() -> dict[Any, Rule]:
    """Rules by the function that Python calls."""
    return {
        **{f: _unary("activation", name) for name, f in _named(ACTIVATIONS)},
        **{f: _unary("elementwise", name) for name, f in _named(UNARY)},
        **{f: _unary("softmax", name) for name, f in _named(SOFTMAX)},
        **{
            f: _binary(kind, name)
            for key, kind in BINARY.items()
            for name, f in _named((key,))
        },
        **{f: _reduction(name) for name, f in _named(REDUCTIONS)},
        **{f: _dropout for _, f in _named(DROPOUTS)},
        **{f: look for _, f in _named(VIEWS)},
        F.normalize: _unary("elementwise", "F.normalize"),
        F.batch_norm: _norm("F.batch_norm", weight=3),
        F.instance_norm: _norm("F.instance_norm", weight=3),
        F.group_norm: _norm("F.group_norm", weight=2),
        F.layer_norm: _norm("F.layer_norm", weight=2, axis=-1),
        F.rms_norm: _norm("F.rms_norm", weight=2, axis=-1),
    }


def _named(names: Iterable[str]) -> list[tuple[str, Any]]:
    """Every function of those names, in torch's three places, with its name."""
    return [
        (f"{place}.{name}{ending}", getattr(home, f"{name}{ending}"))
        for place, home in (("torch", torch), ("Tensor", Tensor), ("F", F))
        for name in names
        for ending in ("", "_")
        if hasattr(home, f"{name}{ending}")
    ]


def _unary(kind: Kind, function: str) -> Rule:
    is_inplace = function.endswith("_")

    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x = args[0] if args else kwargs["input"]
        if not x.is_meta:
            output = watch.counted(func, args, kwargs)
        elif is_inplace or kwargs.get("inplace"):
            output = x
        else:
            output = alias(x)
        if not x.is_floating_point():
            return output
        learned = args[1].numel() if "prelu" in function and len(args) > 1 else 0
        shape = shape_of(x)
        watch.add(
            *(kind, function, (x,), output),
            constants=constants_of(args, kwargs),
            params=learned,
            contracted=_along(shape, args, kwargs) if kind == "softmax" else 0,
            channel_axis=-1 if kind == "softmax" else axis_of(x),
        )
        return output

    return rule


def _binary(kind: Kind, function: str) -> Rule:
    is_inplace = function.endswith("_") and not function.endswith("__")

    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        operands = [each for each in args[:2] if isinstance(each, Tensor)]
        operands += [each for each in kwargs.values() if isinstance(each, Tensor)]
        if not operands:
            return func(*args, **kwargs)
        like = next((x for x in operands if x.is_floating_point()), operands[0])
        shape = _broadcast(operands)
        name = watch.spelling.of(function)
        dtype = _dtype(function, args, like)
        is_quick = dtype is not None and any(x.is_meta for x in operands)
        if shape is None or "out" in kwargs or not is_quick:
            output = watch.counted(func, args, kwargs)
        elif is_inplace:
            output = args[0]
        elif shape == like.shape and dtype == like.dtype:
            output = alias(like)
        else:
            output = empty(shape, like, dtype)
        if like.is_floating_point():
            watch.add(
                kind if len(operands) == 2 else "elementwise",
                name,
                operands,
                output,
                constants=constants_of(args, kwargs),
                channel_axis=axis_of(output),
            )
        return output

    return rule


def _norm(function: str, *, weight: int, axis: int = 1) -> Rule:
    """`weight` is the place of the learned scale among the arguments."""

    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x = args[0]
        scale = args[weight] if len(args) > weight else kwargs.get("weight")
        shift = args[weight + 1] if len(args) > weight + 1 else kwargs.get("bias")
        is_wrong = scale is not None and scale.shape[-1] != x.shape[axis]
        output = alias(x) if x.is_meta and not is_wrong else None
        if output is None:
            output = watch.counted(func, args, kwargs)
        learned = [each for each in (scale, shift) if isinstance(each, Tensor)]
        statistics = dict(zip(_STATISTICS, args[1:3], strict=False))
        watch.add(
            *("norm", function, (x,), output),
            tensors=watch.held(
                weight=scale, bias=shift, **(statistics if weight == 3 else {})
            ),
            constants=(("eps", kwargs["eps"] if "eps" in kwargs else args[-1]),),
            params=sum(each.numel() for each in learned),
            is_affine=scale is not None,
            channel_axis=axis,
        )
        return output

    return rule


def _reduction(function: str) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x = args[0] if args else kwargs["input"]
        axes = args[1] if len(args) > 1 else kwargs.get("dim")
        keeps = args[2] if len(args) > 2 else kwargs.get("keepdim", False)
        if x.is_meta and x.is_floating_point() and len(args) < 4:
            output = empty(_reduced(x.shape, axes, keeps), x)
        else:
            output = watch.counted(func, args, kwargs)
        if x.is_floating_point():
            watch.add(
                *("reduction", function, (x,), output),
                channel_axis=axis_of(x) if output.ndim == x.ndim else -1,
            )
        return output

    return rule


def _dropout(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
    """Nothing, in evaluation."""
    x = args[0] if args else kwargs["input"]
    output = alias(x) if x.is_meta else watch.counted(func, args, kwargs)
    watch.looked("dropout", (x,), output)
    return output


def _dtype(function: str, args: tuple[Any, ...], like: Tensor) -> torch.dtype | None:
    """What whole numbers give, with others or with a float; None where torch says."""
    if like.is_floating_point():
        return like.dtype
    kinds = {each.dtype for each in args if isinstance(each, Tensor)}
    name = function.rpartition(".")[2].strip("_")
    if name not in ("add", "sub", "mul", "rsub") or len(kinds) > 1:
        return None
    has_float = any(isinstance(each, float) for each in args)
    return torch.get_default_dtype() if has_float else like.dtype


def _along(shape: Shape, args: tuple[Any, ...], kwargs: Arguments) -> int:
    """How many elements a softmax sums."""
    axis = args[1] if len(args) > 1 else kwargs.get("dim")
    return shape[-1 if axis is None else axis] if shape else 1


def _broadcast(operands: Sequence[Tensor]) -> Shape | None:
    """The shape of two tensors together; None where torch should say."""
    first, last = operands[0].shape, operands[-1].shape
    if first == last:
        return tuple(first)
    axes = max(len(first), len(last))
    left = (1,) * (axes - len(first)) + tuple(first)
    right = (1,) * (axes - len(last)) + tuple(last)
    pairs = list(zip(left, right, strict=True))
    if any(a != b and 1 not in (a, b) for a, b in pairs):
        return None
    return tuple(b if a == 1 else a for a, b in pairs)


def _reduced(shape: Sequence[int], axes: Any, keeps: bool) -> Shape:
    if axes is None or axes == ():
        return (1,) * len(shape) if keeps else ()
    gone = {axis % len(shape) for axis in ([axes] if isinstance(axes, int) else axes)}
    return tuple(
        1 if axis in gone else size
        for axis, size in enumerate(shape)
        if keeps or axis not in gone
    )
