"""Writes into part of a tensor: `out[:, :n] += x` is a view and a write into it.

No exported graph has such a write, so exporters make scatters of it.
"""

from typing import Any

from torch import Tensor
from torch.overrides import resolve_name

from rexpand.cost.operators import PartialWrite
from rexpand.trace.origins import Origins
from rexpand.trace.owners import Owners

_SET = Tensor.__setitem__
_ADDS = frozenset(("add_", "__iadd__", "sub_", "__isub__"))
WRITES = frozenset(
    getattr(Tensor, name)
    for name in (*_ADDS, "mul_", "__imul__", "copy_", "div_", "__itruediv__")
) | {_SET}


class Writes:
    """Keeps those calls that write into part of a floating-point tensor."""

    def __init__(self, owners: Owners, origins: Origins) -> None:
        self.found: list[PartialWrite] = []
        self._owners = owners
        self._origins = origins
        self._last: Tensor | None = None

    def look(self, func: Any, args: tuple[Any, ...]) -> None:
        """A call of one of `WRITES` that is about to run."""
        if func is _SET:
            self._set(*args)
        elif self._is_part(args[0]):
            self._keep(func, args[0], self._origins.whole(args[0]))
            self._last = args[0]

    def _set(self, whole: Tensor, index: Any, value: Any) -> None:
        """`out[i] = value`; `out[i] += x` ends in one too, and was kept already."""
        if value is self._last or not isinstance(value, Tensor):
            return
        if value.is_floating_point() and value.numel() < whole.numel():
            self._keep(_SET, value, whole.numel())

    def _keep(self, func: Any, part: Tensor, whole: int) -> None:
        owner = self._owners.last
        self.found.append(
            PartialWrite(
                name=owner.name,
                module=owner.module,
                function=resolve_name(func) or func.__name__,
                part=tuple(part.shape),
                share=part.numel() / whole,
                adds=func.__name__ in _ADDS,
            )
        )

    def _is_part(self, tensor: Any) -> bool:
        return (
            isinstance(tensor, Tensor)
            and tensor.is_floating_point()
            and self._origins.is_part(tensor)
        )
