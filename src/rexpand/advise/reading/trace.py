"""A module's steps, found by watching every operator of one pass.

The operations count, not the classes: convolutions, norms, poolings and linear layers
are steps that name the tensors they hold; what acts on each value of one map alone is
an activation, known by its curve; a sum or a product of two maps is a shortcut or a
gate. What else there is becomes a step of kind `other`, for the reader to name.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from rexpand.advise.reading import joins, layers
from rexpand.advise.reading.curves import curve_of
from rexpand.advise.reading.notebook import Notebook, Value
from rexpand.advise.reading.steps import Step, Trace
from rexpand.errors import SpecError

_NORMS = {
    *("native_batch_norm", "_native_batch_norm_legit_no_training"),
    *("cudnn_batch_norm", "miopen_batch_norm"),
}
_POOLS = {"mean", "_adaptive_avg_pool2d", "adaptive_avg_pool2d", "avg_pool2d"}
_RESHAPES = {
    *("view", "_unsafe_view", "reshape", "flatten", "squeeze", "unsqueeze", "alias"),
    *("detach", "clone", "contiguous", "_to_copy", "expand"),
}
_OF_WEIGHTS = {"t", "transpose", *_RESHAPES}


@torch.no_grad()
def trace(module: nn.Module, image: Tensor) -> Trace:
    """The steps of a module on an image (1, channels, height, width).

    The module runs in evaluation mode and is left as it was. Raises SpecError if it
    does not run, or gives anything but one tensor.
    """
    watch = _Watch(module, image)
    try:
        with _in_evaluation(module), watch:
            output = module(image)
    except Exception as error:  # the module is the user's own code
        reason = " ".join(str(error).split())[:160]
        raise SpecError(
            f"the module does not run on an image of {tuple(image.shape[1:])}: {reason}; "
            "give resolution, or a factory whose module takes one image"
        ) from None
    if not isinstance(output, Tensor):
        raise SpecError(
            f"the module gives a {type(output).__name__}, not one tensor of scores; "
            "give a factory whose module does"
        )
    end = watch.end(output)
    return Trace(steps=tuple(watch.notes.steps), end=end, output=output)


@contextmanager
def _in_evaluation(module: nn.Module) -> Iterator[None]:
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, mode in modes:
            part.training = mode


class _Watch(TorchDispatchMode):
    """Notes every operator that runs."""

    def __init__(self, module: nn.Module, image: Tensor) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.notes = Notebook(module, image)
        self._alive: list[Any] = [image]  # an id says nothing about a dead tensor

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        self._alive.append((args, kwargs, result))
        output = result[0] if isinstance(result, tuple | list) and result else result
        if isinstance(output, Tensor):
            self._note(func, _by_name(func, args, kwargs or {}), output)
        return result

    def end(self, output: Tensor) -> int:
        """The step behind the module's output."""
        value = self.notes.value(output)
        if value is None:
            return self.notes.step(Step(kind="other", name="no part of the image"))
        return self.notes.whole(value, "the output")

    def _note(self, func: Any, given: Mapping[str, Any], output: Tensor) -> None:
        operator = func.overloadpacket.__name__
        tensors = _tensors(given)
        tracked = [tensor for tensor in tensors if id(tensor) in self.notes.values]
        names = self.notes.names
        if tracked:
            value = self._understood(operator, func, given, tracked, output)
            self.notes.values[id(output)] = value
        elif operator in _OF_WEIGHTS and len(tensors) == 1 and id(tensors[0]) in names:
            names[id(output)] = names[id(tensors[0])]

    def _understood(
        self,
        operator: str,
        func: Any,
        given: Mapping[str, Any],
        tracked: Sequence[Tensor],
        output: Tensor,
    ) -> Value:
        values = [self.notes.values[id(tensor)] for tensor in tracked]
        layer = self._layer(operator, given, tracked[0], output)
        if layer is not None:
            return layer
        joined = self._joined(operator, given, tracked, values, output)
        if joined is not None:
            return joined
        if operator in _RESHAPES and _same_but_for_ones(tracked[0], output):
            return values[0]
        if _are_one_map(tracked, values, output):
            pairs = zip(tracked, values, strict=True)
            curves = {id(tensor): value.curve for tensor, value in pairs}
            curve = curve_of(func, given, curves)
            if curve is not None:
                return replace(values[0], curve=curve, base=None)
        return self.notes.new("other", values, output, name=operator)

    def _layer(
        self, operator: str, given: Mapping[str, Any], source: Tensor, output: Tensor
    ) -> Value | None:
        """A layer with tensors, or a global pooling."""
        if operator == "convolution":
            return layers.convolution(self.notes, given, output)
        if operator in _NORMS:
            return layers.norm(self.notes, given, output)
        if operator in ("addmm", "mm"):
            return layers.linear(self.notes, given, output)
        if operator in _POOLS and _is_global(source, output):
            value = self.notes.values[id(source)]
            return self.notes.new("pool", [value], output, name=operator)
        return None

    def _joined(
        self,
        operator: str,
        given: Mapping[str, Any],
        tracked: Sequence[Tensor],
        values: Sequence[Value],
        output: Tensor,
    ) -> Value | None:
        """Parts of maps, and what two maps become."""
        plain = operator.removesuffix("_")
        if operator == "slice":
            return joins.sliced(self.notes, given, tracked[0], values[0], output)
        if operator == "constant_pad_nd":
            return joins.padded(given, tracked[0], values[0], output)
        if operator == "cat":
            return joins.joined_again(self.notes, given, output)
        if len(values) != 2 or values[0].step == values[1].step:
            return None
        if plain == "add" and given.get("alpha", 1) == 1:
            return joins.add(self.notes, operator, tracked, values, output)
        if plain == "mul" and all(value.is_whole for value in values):
            return joins.gate(self.notes, tracked, values, output)
        return None


def _by_name(func: Any, args: Any, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an operator by the names of its schema."""
    names = [argument.name for argument in func._schema.arguments]
    return {**dict(zip(names, args, strict=False)), **kwargs}


def _tensors(given: Mapping[str, Any]) -> list[Tensor]:
    found: list[Tensor] = []
    for value in given.values():
        for each in value if isinstance(value, list | tuple) else (value,):
            if isinstance(each, Tensor):
                found.append(each)
    return found


def _are_one_map(
    tracked: Sequence[Tensor], values: Sequence[Value], output: Tensor
) -> bool:
    """Whether an operator takes in one whole map alone, and keeps its shape."""
    one = len({value.step for value in values}) == 1
    whole = all(value.is_whole for value in values)
    return one and whole and all(tensor.shape == output.shape for tensor in tracked)


def _is_global(source: Tensor, output: Tensor) -> bool:
    """Whether a map became one number a channel."""
    return source.dim() == 4 and output.numel() == source.shape[0] * source.shape[1]


def _same_but_for_ones(source: Tensor, output: Tensor) -> bool:
    """Whether a new shape is the old one but for sides of 1."""
    kept = [side for side in source.shape[1:] if side != 1]
    return kept == [side for side in output.shape[1:] if side != 1]
