"""Python's operators told from methods: `x * y` from `x.mul(y)`.

torch gives both the same function, and ptflops counts the one and not the other. So the
operators of `Tensor` say that they were used, for as long as a pass runs.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor

# Those that torch itself writes in C; the others are functions that call these.
_OPERATORS = (
    *("__add__", "__radd__", "__iadd__", "__sub__", "__isub__"),
    *("__mul__", "__rmul__", "__imul__", "__truediv__", "__itruediv__"),
    *("__matmul__",),
)


class Spelling:
    """Whether what runs was written as an operator."""

    def __init__(self) -> None:
        self._is_operator = False

    def of(self, function: str) -> str:
        """`Tensor.mul`, or `operator.mul` where the network's code has `x * y`."""
        if self._is_operator:
            return function.replace("Tensor.", "operator.")
        return function

    @contextmanager
    def heard(self) -> Iterator[None]:
        """`Tensor` with operators that tell; afterwards as it was."""
        own = {name: vars(Tensor)[name] for name in _OPERATORS if name in vars(Tensor)}
        try:
            for name in _OPERATORS:
                setattr(Tensor, name, self._telling(getattr(Tensor, name)))
            yield
        finally:
            for name in _OPERATORS:
                if name in own:
                    setattr(Tensor, name, own[name])
                else:
                    delattr(Tensor, name)

    def _telling(
        self, operator: Callable[[Any, Any], Any]
    ) -> Callable[[Any, Any], Any]:
        def told(left: Any, right: Any) -> Any:
            self._is_operator = True
            try:
                return operator(left, right)
            finally:
                self._is_operator = False

        return told
