"""A module for one pass: on `meta`, in evaluation mode, and afterwards as it was.

Learned tensors are swapped for twins on `meta` where modules register them. What a
forward pass sets on the module, and the state of the random generators, is put back.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter

from rexpand.errors import MistakeError
from rexpand.trace.owners import Owners

META = torch.device("meta")
_NO_TENSORS = frozenset(
    (bool, int, float, str, tuple, dict, OrderedDict, set, type(None))
)


@contextmanager
def borrowed(
    module: nn.Module, owners: Owners, *, on_meta: bool
) -> Iterator[list[tuple[str, Tensor]]]:
    """The module in evaluation mode, telling `owners` which part is running.

    Gives the tensors that it runs with, by their names: twins, if `on_meta`. Raises
    MistakeError for a lazy module that never ran.
    """
    parts = [_Part(name, part) for name, part in module.named_modules()]
    for part in parts:
        part.check_sizes()
    values = [] if on_meta else _values(module)
    twins = _Twins()
    with torch.random.fork_rng(devices=_accelerators(module)):
        try:
            for part in parts:
                part.evaluate()
                if not part.is_scripted:  # its attributes lie elsewhere
                    _tell(part, owners)
                    if on_meta:
                        _set_twins(part, twins)
            yield [
                named
                for part in parts
                for named in part.learned(twins if on_meta else None)
            ]
        finally:
            for part in parts:
                part.put_back()
            for tensor, value in values:
                tensor.copy_(value)


class _Part:
    """A module of the tree with what it was before the pass."""

    __slots__ = (
        *("_registries", "_was_training", "attributes", "is_scripted"),
        *("module", "name"),
    )

    def __init__(self, name: str, module: nn.Module) -> None:
        self.name = name
        self.module = module
        self.is_scripted = isinstance(module, torch.jit.ScriptModule)
        self.attributes = dict(vars(module))
        self._was_training = module.training
        parameters: dict[str, Any] = module._parameters
        buffers: dict[str, Any] = module._buffers
        self._registries = (
            (parameters, dict(parameters.items())),
            (buffers, dict(buffers.items())),
        )

    def check_sizes(self) -> None:
        """Raise MistakeError for a parameter without a shape."""
        for name, tensor in self._registries[0][1].items():
            if type(tensor) is UninitializedParameter:
                raise MistakeError(
                    f"{self._path(name)} has no shape yet, as in lazy modules; run the "
                    "module once before it is counted"
                )

    def evaluate(self) -> None:
        """Evaluation mode, of this part alone."""
        if self.is_scripted:
            self.module.training = False
        else:
            object.__setattr__(self.module, "training", False)

    def learned(self, twins: "_Twins | None") -> Iterator[tuple[str, Tensor]]:
        """Its own parameters and buffers by their paths, or twins in their places."""
        for registry, tensors in self._registries:
            for name, tensor in tensors.items():
                if tensor is None:
                    continue
                if twins is not None and not tensor.is_meta:
                    tensor = registry[name] = twins.of(tensor)
                yield self._path(name), tensor

    def put_back(self) -> None:
        """Attributes, parameters and buffers that the pass set or changed."""
        if self.is_scripted:
            self.module.training = self._was_training
            for registry, tensors in self._registries:
                for name, tensor in tensors.items():
                    registry[name] = tensor
            return
        own = vars(self.module)
        if "forward" not in self.attributes:
            del own["forward"]
        _restore(own, self.attributes)
        for registry, tensors in self._registries:
            _restore(registry, tensors)

    def _path(self, name: str) -> str:
        return f"{self.name}.{name}" if self.name else name


def _restore(now: dict[str, Any], before: dict[str, Any]) -> None:
    """Every value as it was, and no name that is new."""
    now.update(before)
    if len(now) > len(before):
        for name in now.keys() - before.keys():
            del now[name]


def _tell(part: _Part, owners: Owners) -> None:
    """Let a part say when it runs, also where `forward` is called by hand."""
    kind = type(part.module)
    module = f"{kind.__module__}.{kind.__qualname__}"
    forward = owners.telling(part.name, module, part.module.forward)
    object.__setattr__(part.module, "forward", forward)


def _set_twins(part: _Part, twins: "_Twins") -> None:
    """Twins of tensors that are attributes, neither parameters nor buffers."""
    for name, value in part.attributes.items():
        if type(value) in _NO_TENSORS:
            continue
        if isinstance(value, Tensor):
            object.__setattr__(part.module, name, twins.of(value))
        elif isinstance(value, list) and value and isinstance(value[0], Tensor):
            object.__setattr__(part.module, name, [twins.of(each) for each in value])


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

    def of(self, tensor: Any) -> Any:
        """The twin of a tensor; what is on `meta`, or is none, is its own."""
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
