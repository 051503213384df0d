"""The counts of a module, from one pass over an example."""

import gc
import inspect
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import chain
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.cost import Cost
from rexpand.cost.graph import Graph, Uncounted
from rexpand.cost.operators import Call
from rexpand.errors import ForeignCodeError, quoted
from rexpand.trace.aten import aten_table
from rexpand.trace.borrow import META, borrowed
from rexpand.trace.copies import copy_rules
from rexpand.trace.elementwise import elementwise_rules
from rexpand.trace.foreign import foreign_code
from rexpand.trace.products import product_rules
from rexpand.trace.recurrent import recurrent_rules
from rexpand.trace.spatial import spatial_rules
from rexpand.trace.tree import tree_of
from rexpand.trace.watch import Rule, Seen, Watch, shape_of, tensors_in


def measure(module: nn.Module, image: tuple[int, int, int]) -> Cost:
    """Cost of one image of shape (channels, height, width), by one pass.

    Macs, activations and memory access are those of convolutions, linear layers, matrix
    products and attention. Raises ForeignCodeError as `trace`.
    """
    return trace(module, image).total


def trace(
    module: nn.Module,
    image: tuple[int, int, int] = (3, 224, 224),
    *,
    inputs: Sequence[Any] | None = None,
) -> Graph:
    """Everything that one pass over a module shows: layers, tree, what has no count.

    `inputs` are the arguments of `forward` where one image of shape (channels, height,
    width) will not do. A module whose path depends on its values runs on its own device,
    with an image of zeros. Raises ForeignCodeError, with what torch said, for a module
    that does not run on the example.
    """
    what = f"running {type(module).__name__}"
    with foreign_code(what):
        example = _example(module, image) if inputs is None else tuple(inputs)
        on_meta = tuple(map(_on_meta, example))
        device = _device(module)
    try:
        with foreign_code(what):
            return _passed(module, on_meta, on_meta=True)
    except ForeignCodeError as no_meta:
        if device == META:
            raise _refused(module, example, no_meta) from no_meta.__cause__
    try:
        with foreign_code(what):
            return _passed(module, example, on_meta=False)
    except ForeignCodeError as error:
        raise _refused(module, example, error) from error.__cause__


def layer_seconds(
    module: nn.Module,
    image: tuple[int, int, int] = (3, 224, 224),
    *,
    inputs: Sequence[Any] | None = None,
    runs: int = 5,
) -> tuple[float, ...]:
    """Seconds of each layer of `trace`, where the module lies; medians of `runs`.

    One run before warms up. Operators of no layer count with the next one. On a CPU,
    whose calls return when they are done; the module must have real weights.
    """
    rounds = []
    with foreign_code(f"running {type(module).__name__}"):
        example = _example(module, image) if inputs is None else tuple(inputs)
        for _ in range(runs + 1):
            watch = Watch(_rules(), _aten())
            _run(module, example, watch, on_meta=False)
            rounds.append(watch.seconds)
    return tuple(median(each) for each in zip(*rounds[1:], strict=True))


def _passed(module: nn.Module, example: tuple[Any, ...], *, on_meta: bool) -> Graph:
    watch = Watch(_rules(), _aten())
    returned = _run(module, example, watch, on_meta=on_meta)
    calls = tuple(
        Call(name=owner.name, call=owner.call, output=shape)
        for owner, shape in watch.owners.ended
    )
    return Graph(
        tree=tree_of(module, watch.layers, calls),
        layers=tuple(watch.layers),
        calls=calls,
        ends=tuple(map(watch.origins.edge, tensors_in(_listed(returned)))),
        writes=watch.writes,
        uncounted=tuple(
            Uncounted(operator=name, calls=calls)
            for name, calls in watch.uncounted.most_common()
        ),
        inputs=tuple(shape_of(each) for each in example if isinstance(each, Tensor)),
        device="meta" if on_meta else str(_device(module)),
    )


def _run(
    module: nn.Module, example: tuple[Any, ...], watch: Watch, *, on_meta: bool
) -> Any:
    """What the module returns; a graph's last edges come from there."""
    with (
        _undisturbed(),
        borrowed(module, watch.owners, on_meta=on_meta) as tensors,
        watch.watching(),
    ):
        watch.begin(tensors, example)
        return module(*example)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without garbage collection: it takes longer than a pass, and finds nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@cache
def _aten() -> dict[str, Seen]:
    return aten_table()


@cache
def _rules() -> dict[Any, Rule]:
    return {
        **product_rules(),
        **elementwise_rules(),
        **spatial_rules(),
        **copy_rules(),
        **recurrent_rules(),
    }


def _listed(returned: Any) -> list[Any]:
    """What a module returned, one level of its dictionaries and lists opened."""
    values = returned.values() if isinstance(returned, dict) else (returned,)
    return [
        inner
        for value in values
        for inner in (value if isinstance(value, list | tuple) else (value,))
    ]


def _example(module: nn.Module, image: tuple[int, int, int]) -> tuple[Tensor]:
    kind = next((p.dtype for p in module.parameters() if p.is_floating_point()), None)
    return (torch.zeros(1, *image, device=_device(module), dtype=kind),)


def _on_meta(value: Any) -> Any:
    return value.to(META) if isinstance(value, Tensor) else value


def _device(module: nn.Module) -> torch.device:
    """Of the first tensor."""
    tensors = chain(module.parameters(), module.buffers())
    return next((tensor.device for tensor in tensors), torch.device("cpu"))


def _refused(
    module: nn.Module, example: tuple[Any, ...], error: ForeignCodeError
) -> ForeignCodeError:
    seen = ", ".join(
        f"a tensor of shape {shape_of(each)}"
        if isinstance(each, Tensor)
        else quoted(each)
        for each in example
    )
    if "meta" in error.said and _device(module) == META:
        way_out = "it needs values: build it on a device instead of meta"
    else:
        way_out = (
            "give an image of another size or, in Python, what its forward takes: "
            f"trace(module, inputs=({_arguments(module)}))"
        )
    return ForeignCodeError(
        f"{type(module).__name__} does not run on {seen}", error.said, way_out
    )


def _arguments(module: nn.Module) -> str:
    """The names that `forward` takes and must be given."""
    try:
        taken = inspect.signature(module.forward).parameters.values()
    except (TypeError, ValueError):
        return "images,"
    needed = [each.name for each in taken if each.default is each.empty]
    return ", ".join(needed) + ("," if len(needed) == 1 else "")
