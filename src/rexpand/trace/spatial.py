"""Rules for pools and for resizing, whose windows and modes the counters ask for."""

from typing import Any

from torch import Tensor
from torch.nn import functional as F

from rexpand.cost.operators import Shape
from rexpand.trace.watch import Arguments, Rule, Watch, empty


def spatial_rules() -> dict[Any, Rule]:
    """Rules by the function that Python calls."""
    pools = {
        getattr(F, f"{name}{axes}d"): _pool(f"F.{name}{axes}d", axes)
        for name in ("max_pool", "avg_pool")
        for axes in (1, 2, 3)
    }
    adaptive = {
        getattr(F, f"adaptive_{name}{axes}d"): _adaptive(
            f"F.adaptive_{name}{axes}d", axes
        )
        for name in ("max_pool", "avg_pool")
        for axes in (1, 2, 3)
    }
    return {
        **pools,
        **adaptive,
        F.interpolate: _resize("F.interpolate"),
        F.upsample: _resize("F.upsample"),
    }


def _pool(function: str, axes: int) -> Rule:
    is_max = "max" in function

    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        read = _max_arguments if is_max else _avg_arguments
        x, kernel, stride, padding, dilation, ceils, gives_more = read(*args, **kwargs)
        sides = _each(kernel, axes)
        steps = _each(stride if stride not in (None, [], ()) else kernel, axes)
        pads, spread = _each(padding, axes), _each(dilation, axes)
        if x.is_meta and x.ndim == axes + 2 and not gives_more:
            sizes = (
                _pooled(size, side, step, pad, apart, ceils)
                for size, side, step, pad, apart in zip(
                    x.shape[2:], sides, steps, pads, spread, strict=True
                )
            )
            shape = (*x.shape[:2], *sizes)
            output = empty(shape, x) if min(shape) > 0 else None
        else:
            output = None
        if output is None:
            output = watch.counted(func, args, kwargs)
        first = output[0] if isinstance(output, tuple) else output
        watch.add(
            *("pool", function, (x,), first),
            kernel_size=sides,
            stride=steps,
            padding=pads,
            dilation=spread,
        )
        return output

    return rule


def _adaptive(function: str, axes: int) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x: Tensor = args[0] if args else kwargs["input"]
        size = args[1] if len(args) > 1 else kwargs["output_size"]
        if x.is_meta and x.ndim == axes + 2 and "return_indices" not in kwargs:
            wanted = (size,) * axes if size is None or isinstance(size, int) else size
            sizes = zip(wanted, x.shape[2:], strict=True)
            output = empty((*x.shape[:2], *(w or had for w, had in sizes)), x)
        else:
            output = watch.counted(func, args, kwargs)
        first = output[0] if isinstance(output, tuple) else output
        watch.add("pool", function, (x,), first)
        return output

    return rule


def _resize(function: str) -> Rule:
    def rule(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        x: Tensor = args[0] if args else kwargs["input"]
        mode = args[3] if len(args) > 3 else kwargs.get("mode", "nearest")
        shape = _resized(x, *args[1:3], **kwargs)
        if x.is_meta and shape is not None:
            output = empty(shape, x)
        else:
            output = watch.counted(func, args, kwargs)
        watch.add("resize", function, (x,), output, mode=mode)
        return output

    return rule


def _resized(
    x: Tensor, size: Any = None, scale_factor: Any = None, **rest: Any
) -> Shape | None:
    """The shape after resizing; None where torch should say."""
    axes = x.ndim - 2
    wanted = scale_factor if size is None else size
    if wanted is None or axes < 1:
        return None
    each = (wanted,) * axes if isinstance(wanted, int | float) else tuple(wanted)
    if len(each) != axes:
        return None
    if size is None:
        each = tuple(int(side * by) for side, by in zip(x.shape[2:], each, strict=True))
    return (*x.shape[:2], *each)


def _max_arguments(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Tensor, Any, Any, Any, Any, bool, bool]:
    return input, kernel_size, stride, padding, dilation, ceil_mode, return_indices


def _avg_arguments(
    input: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[Tensor, Any, Any, Any, Any, bool, bool]:
    return input, kernel_size, stride, padding, 1, ceil_mode, False


def _pooled(size: int, side: int, step: int, pad: int, apart: int, ceils: bool) -> int:
    """Output side of a window; a last one that begins in the padding is left out."""
    reach = size + 2 * pad - apart * (side - 1) - 1
    if not ceils:
        return reach // step + 1
    count = -(-reach // step) + 1
    return count - 1 if (count - 1) * step >= size + pad else count


def _each(value: Any, axes: int) -> Shape:
    if isinstance(value, int):
        return (value,) * axes
    return tuple(value) * axes if len(value) == 1 else tuple(value)
