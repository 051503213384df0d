"""One pass over a module, operator by operator.

Python's calls of torch come through a function mode, which knows what was called and by
which module: the conventions of the counters hang on that. Operators that it has a rule
for are counted there. Everything else runs, and a dispatch mode below sees the aten
operators that it consists of, also those inside scripted functions. So nothing can run
unseen, and what no rule counts is named.

For a tensor on `meta` a rule also gives the output, from shapes alone: torch's own
kernels for `meta` take a tenth of a millisecond an operator.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from rexpand.cost.module import Kind, Layer, Shape

Arguments = dict[str, Any]
Rule = Callable[["Watch", Any, tuple[Any, ...], Arguments], Any]
Seen = Callable[["Watch", str, tuple[Any, ...], Any], None]

META = torch.device("meta")
_unseen = torch._C._DisableTorchDispatch  # what runs inside, the mode below never sees


class Watch(TorchFunctionMode):
    """What ran, in order, and for how many seconds.

    `owners` is the stack of modules that are running, by name and class.
    """

    def __init__(self, rules: Mapping[Any, Rule], aten: Mapping[str, Seen]) -> None:
        super().__init__()
        self.layers: list[Layer] = []
        self.uncounted: Counter[str] = Counter()
        self.owners: list[tuple[str, str]] = []
        self.seconds: list[float] = []
        self._rules = rules
        self._aten = aten
        self._spent = 0.0

    def __torch_function__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Arguments | None = None,
    ) -> Any:
        rule = self._rules.get(func)
        if rule is None:
            return func(*args, **(kwargs or {}))
        return rule(self, func, args, kwargs or {})

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Both modes on, without gradients."""
        with torch.no_grad(), _Below(self), self:
            yield

    def counted(self, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
        """What the operator computes; a rule counts it, so nothing below needs to."""
        started = time.perf_counter()
        with _unseen():
            output = func(*args, **kwargs)
        self._spent += time.perf_counter() - started
        return output

    def add(
        self,
        kind: Kind,
        function: str,
        inputs: tuple[Shape, ...],
        output: Shape,
        **fields: Any,
    ) -> None:
        """Keep one operator of the module that is running, and the time it took."""
        self.seconds.append(self._spent)
        self._spent = 0.0
        name, module = self.owners[-1] if self.owners else ("", "")  # scripted code
        within = self.owners[-2][1] if len(self.owners) > 1 else ""
        self.layers.append(
            Layer(
                name=name,
                kind=kind,
                function=function,
                module=module,
                within=within,
                inputs=inputs,
                output=output,
                **fields,
            )
        )

    def saw(
        self, func: Any, args: tuple[Any, ...], output: Any, seconds: float
    ) -> None:
        """An aten operator that ran below, with its output."""
        self._spent += seconds
        name = func._schema.name.removeprefix("aten::")
        seen = self._aten.get(name) or self._aten.get(name.removesuffix("_"))
        if seen is None:
            self.uncounted[name] += 1
        else:
            seen(self, name, args, output)


class _Below(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Shows the watch every aten operator."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._watch = watch

    def __torch_dispatch__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Arguments | None = None,
    ) -> Any:
        started = time.perf_counter()
        output = func(*args, **(kwargs or {}))
        self._watch.saw(func, args, output, time.perf_counter() - started)
        return output


def empty(
    shape: Sequence[int], like: Tensor, dtype: torch.dtype | None = None
) -> Tensor:
    """An output on `meta`, at once; of the type of `like`, if not of another."""
    with _unseen():
        return torch.empty(shape, dtype=dtype or like.dtype, device=META)


def alias(tensor: Tensor) -> Tensor:
    """Another tensor of the same shape and strides, at once."""
    with _unseen():
        return tensor.detach()


def look(watch: Watch, func: Any, args: tuple[Any, ...], kwargs: Arguments) -> Any:
    """The rule of operators that only look at their input in another way."""
    with _unseen():
        return func(*args, **kwargs)


def shape_of(tensor: Tensor) -> Shape:
    """A shape as plain numbers."""
    return tuple(tensor.shape)


def axis_of(x: Tensor) -> int:
    """The axis of channels, as far as a shape can tell."""
    return 1 if x.ndim >= 4 else -1
