"""Where a module writes into part of a tensor, seen in one pass.

`out[:, :n] += x` is a view and a write into it. No exported graph has such a write, so
exporters make scatters of it. Views are told by their storage, which is larger.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode, resolve_name

from rexpand.cost.writes import PartialWrite
from rexpand.models.measure.borrow import Owners, borrowed
from rexpand.models.measure.watch import META, shape_of

_SET = Tensor.__setitem__
_ADDS = frozenset(("add_", "__iadd__", "sub_", "__isub__"))
_WRITES = _ADDS | {"mul_", "__imul__", "copy_", "div_", "__itruediv__"}


def partial_writes(
    module: nn.Module, image: tuple[int, int, int], *, on_meta: bool = True
) -> tuple[PartialWrite, ...]:
    """Every write into part of a floating-point tensor, in the order of one pass.

    The module must run on the image, as `module_cost` has shown before.
    """
    tensors = [*module.parameters(), *module.buffers()]
    device = META if on_meta or not tensors else tensors[0].device
    kind = next((t.dtype for t in tensors if t.is_floating_point()), None)
    owners: Owners = []
    seen = _Seen(owners)
    example = torch.zeros(1, *image, device=device, dtype=kind)
    with torch.no_grad(), borrowed(module, owners, on_meta=on_meta), seen:
        module(example)
    return tuple(seen.writes)


class _Seen(TorchFunctionMode):
    """Lets every call pass, and keeps those that write into part of a tensor."""

    def __init__(self, owners: Owners) -> None:
        super().__init__()
        self.writes: list[PartialWrite] = []
        self._owners = owners
        self._last: Tensor | None = None

    def __torch_function__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if func is _SET:
            self._set(*args)
        elif getattr(func, "__name__", "") in _WRITES and _is_part(args[0]):
            self._keep(func, args[0], _whole(args[0]))
            self._last = args[0]
        return func(*args, **(kwargs or {}))

    def _set(self, whole: Tensor, index: Any, value: Any) -> None:
        """`out[i] = value`; `out[i] += x` ends in one too, and was kept already."""
        if value is self._last or not isinstance(value, Tensor):
            return
        if value.is_floating_point() and value.numel() < whole.numel():
            self._keep(_SET, value, whole.numel())

    def _keep(self, func: Any, part: Tensor, whole: int) -> None:
        name, module = self._owners[-1]
        self.writes.append(
            PartialWrite(
                name=name,
                module=module,
                function=resolve_name(func) or func.__name__,
                part=shape_of(part),
                share=part.numel() / whole,
                adds=func.__name__ in _ADDS,
            )
        )


def _is_part(tensor: Any) -> bool:
    return (
        isinstance(tensor, Tensor)
        and tensor.is_floating_point()
        and tensor.numel() < _whole(tensor)
    )


def _whole(tensor: Tensor) -> int:
    """Elements of the memory that a tensor looks at."""
    return tensor.untyped_storage().nbytes() // tensor.element_size()
