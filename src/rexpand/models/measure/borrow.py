"""A module for one pass: on `meta`, in evaluation mode, and afterwards as it was.

Parameters and buffers are swapped for twins on `meta`, attributes are put back, and so
is the state of the random generators: a pass over a module leaves nothing in it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.models.measure.watch import META

Owners = list[tuple[str, str]]
_PLACES = ("_parameters", "_buffers")


@contextmanager
def borrowed(module: nn.Module, owners: Owners, *, on_meta: bool) -> Iterator[None]:
    """The module in evaluation mode, telling `owners` which part is running."""
    names = {part: name for name, part in module.named_modules()}
    attributes = [(part, dict(part.__dict__)) for part in names]
    scripted = [
        (part, part.training)
        for part in names
        if isinstance(part, torch.jit.ScriptModule)
    ]
    values = [] if on_meta else _values(module)
    twins = _Twins()
    with torch.random.fork_rng(devices=_accelerators(module)):
        try:
            for part, name in names.items():
                if isinstance(part, torch.jit.ScriptModule):
                    part.training = False  # its attributes lie elsewhere
                    continue
                part.__dict__["training"] = False
                if on_meta:
                    twins.take_place(part)
                _tell(part, name, owners)
            yield
        finally:
            for part, was_training in scripted:
                part.training = was_training
            for part, before in attributes:
                part.__dict__.clear()
                part.__dict__.update(before)
            for tensor, value in values:
                tensor.copy_(value)


def _tell(part: nn.Module, name: str, owners: Owners) -> None:
    """Let a part say when it runs, also where `forward` is called by hand."""
    forward: Callable[..., Any] = part.forward
    owner = (name, f"{type(part).__module__}.{type(part).__qualname__}")

    def told(*args: Any, **kwargs: Any) -> Any:
        owners.append(owner)
        try:
            return forward(*args, **kwargs)
        finally:
            owners.pop()

    part.__dict__["forward"] = told


def _accelerators(module: nn.Module) -> list[torch.device]:
    """Where the module draws from a generator besides the CPU's."""
    if not torch.cuda.is_available():
        return []
    return sorted({p.device for p in module.parameters() if p.is_cuda}, key=str)


def _values(module: nn.Module) -> list[tuple[Tensor, Tensor]]:
    """Buffers with their values, for the pass that computes: it may write to them."""
    return [
        (buffer, buffer.detach().clone())
        for buffer in module.buffers()
        if not buffer.is_meta
    ]


class _Twins:
    """Tensors on `meta`, one for each of a module's; tied ones share a twin."""

    def __init__(self) -> None:
        self._twins: dict[int, Tensor] = {}

    def take_place(self, part: nn.Module) -> None:
        """Put twins where the part has tensors; its dictionaries are new ones."""
        for place in _PLACES:
            held = part.__dict__[place]
            part.__dict__[place] = {name: self._twin(t) for name, t in held.items()}
        for name, value in part.__dict__.items():
            if isinstance(value, Tensor):
                part.__dict__[name] = self._twin(value)
            elif isinstance(value, list) and value and isinstance(value[0], Tensor):
                part.__dict__[name] = [self._twin(each) for each in value]

    def _twin(self, tensor: Any) -> Any:
        if not isinstance(tensor, Tensor) or tensor.is_meta:
            return tensor
        twin = self._twins.get(id(tensor))
        if twin is None:
            twin = torch.empty_strided(
                tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META
            )
            if isinstance(tensor, nn.Parameter):
                twin = nn.Parameter(twin, requires_grad=False)
            self._twins[id(tensor)] = twin
        return twin
