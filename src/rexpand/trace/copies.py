"""Rules for what copies elements: joining, padding, rolling, cloning."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from rexpand.cost.operators import Shape
from rexpand.trace.watch import (
    Arguments,
    Rule,
    Watch,
    alias,
    axis_of,
    empty,
    shape_of,
)


def copy_rules() -> dict[Any, Rule]:
    """Rules by the function that Python calls."""
    return {
        torch.cat: _join(_joined),
        torch.concat: _join(_joined),
        torch.stack: _join(_stacked),
        F.pad: _pad,
        Tensor.__setitem__: _written,
        torch.roll: _moved("torch.roll"),
        Tensor.roll: _moved("Tensor.roll"),
        torch.flip: _moved("torch.flip"),
        Tensor.flip: _moved("Tensor.flip"),
        torch.clone: _moved("torch.clone"),
        Tensor.clone: _moved("Tensor.clone"),
    }


def _join(shape_after: Any) -> Rule:
    function = "torch.cat" if shape_after is _joined else "torch.stack"

    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        parts = args[0] if args else kwargs["tensors"]
        axis = args[1] if len(args) > 1 else kwargs.get("dim", 0)
        shape = shape_after([part.shape for part in parts], axis)
        if shape is None or "out" in kwargs or not all(part.is_meta for part in parts):
            output = watch.counted(func, args, kwargs)
        else:
            output = empty(shape, parts[0])
        _keep(watch, function, parts, output, constants=(("dim", axis),))
        return output

    return rule


def _pad(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
    x: Tensor = args[0] if args else kwargs["input"]
    pads = args[1] if len(args) > 1 else kwargs["pad"]
    shape = list(x.shape)
    for axis, (before, after) in enumerate(
        zip(pads[::2], pads[1::2], strict=True), start=1
    ):
        shape[-axis] += before + after
    if x.is_meta and min(shape) > 0:
        output = empty(shape, x)
    else:
        output = watch.counted(func, args, kwargs)
    mode = args[2] if len(args) > 2 else kwargs.get("mode", "constant")
    value = args[3] if len(args) > 3 else kwargs.get("value")
    constants = (("pad", tuple(pads)), ("mode", mode), ("value", value))
    _keep(watch, "F.pad", (x,), output, constants=constants)
    return output


def _written(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
    """`whole[index] = part`; on `meta` there is nothing to write."""
    whole, _, part = args
    if not whole.is_meta:
        watch.counted(func, args, kwargs)
    if not isinstance(part, Tensor) or not part.is_floating_point():
        return
    edges = (watch.origins.edge(part), watch.origins.edge(whole))
    name, shape = "Tensor.__setitem__", shape_of(part)
    place = watch.keep("copy", name, (shape,), shape, edges, channel_axis=axis_of(part))
    if not watch.origins.are_one(whole, part):  # after `out[i] += x` nothing changes
        watch.origins.wrote(whole, place)


def _moved(function: str) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x: Tensor = args[0] if args else kwargs["input"]
        output = alias(x) if x.is_meta else watch.counted(func, args, kwargs)
        _keep(watch, function, (x,), output)
        return output

    return rule


def _keep(
    watch: Watch,
    function: str,
    parts: Sequence[Tensor],
    output: Tensor,
    **fields: Any,
) -> None:
    if not output.is_floating_point():
        return  # index arithmetic
    watch.add("copy", function, parts, output, channel_axis=axis_of(output), **fields)


def _joined(shapes: Sequence[Sequence[int]], axis: int) -> Shape | None:
    """None where torch should say."""
    first = list(shapes[0])
    if not first:
        return None
    axis %= len(first)
    rest = [[*shape[:axis], *shape[axis + 1 :]] for shape in shapes]
    if any(other != rest[0] for other in rest):
        return None
    first[axis] = sum(shape[axis] for shape in shapes)
    return tuple(first)


def _stacked(shapes: Sequence[Sequence[int]], axis: int) -> Shape | None:
    first = list(shapes[0])
    if any(list(shape) != first for shape in shapes):
        return None
    first.insert(axis % (len(first) + 1), len(shapes))
    return tuple(first)
