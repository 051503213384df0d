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

from rexpand.cost.operators import Constant, Edge, Kind, Layer, PartialWrite, Shape
from rexpand.trace.borrow import META
from rexpand.trace.origins import Origins
from rexpand.trace.owners import Owners
from rexpand.trace.spelling import Spelling
from rexpand.trace.writes import WRITES, Writes

Arguments = dict[str, Any]
Rule = Callable[["Watch", Any, tuple[Any, ...], Arguments], Any]
Seen = Callable[["Watch", str, tuple[Any, ...], Any], None]

_GET = Tensor.__getitem__
_CASTS = frozenset(("float", "half", "bfloat16", "type_as"))
_PLAIN = (int, float, str, bool, type(None))
_unseen = torch._C._DisableTorchDispatch  # what runs inside, the mode below never sees


class Watch(TorchFunctionMode):
    """What ran, in order, from where to where, and for how many seconds.

    `names` are those of learned tensors, by their ids.
    """

    def __init__(self, rules: Mapping[Any, Rule], aten: Mapping[str, Seen]) -> None:
        super().__init__()
        self.layers: list[Layer] = []
        self.uncounted: Counter[str] = Counter()
        self.owners = Owners()
        self.origins = Origins()
        self.spelling = Spelling()
        self.seconds: list[float] = []
        self.names: dict[int, str] = {}
        self._writes = Writes(self.owners, self.origins)
        self._rules = rules
        self._aten = aten
        self._alive: list[Tensor] = []  # an id says nothing about a dead tensor
        self._spent = 0.0

    def __torch_function__(
        self,
        func: Any,
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: Arguments | None = None,
    ) -> Any:
        if func in WRITES:
            self._writes.look(func, args)
        rule = self._rules.get(func)
        if rule is None:
            return func(*args, **(kwargs or {}))
        return rule(self, func, args, kwargs or {})

    @property
    def writes(self) -> tuple[PartialWrite, ...]:
        """Writes into part of a tensor, in order."""
        return tuple(self._writes.found)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Both modes on, without gradients."""
        with torch.no_grad(), self.spelling.heard(), _Below(self), self:
            yield

    def begin(
        self, tensors: Sequence[tuple[str, Tensor]], example: Sequence[Any]
    ) -> None:
        """The module's tensors by name, and what it is run on."""
        for name, tensor in tensors:
            self.names.setdefault(id(tensor), name)  # of tied ones, the first
        for each in tensors_in(example):
            self.origins.gave(each, "image")

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
        operands: Sequence[Tensor],
        output: Tensor,
        **fields: Any,
    ) -> None:
        """Keep one operator: the tensors that it read, and the one that it wrote."""
        edge = self.origins.edge
        place = self.keep(
            kind,
            function,
            tuple([shape_of(each) for each in operands]),
            shape_of(output),
            tuple([edge(each) for each in operands]),
            **fields,
        )
        if any(each is output for each in operands):
            self.origins.wrote(output, place)
        else:
            self.origins.gave(output, place)

    def keep(
        self,
        kind: Kind,
        function: str,
        inputs: tuple[Shape, ...],
        output: Shape,
        edges: tuple[Edge, ...],
        **fields: Any,
    ) -> int:
        """One operator of the module that is running, and the time it took; its place."""
        self.seconds.append(self._spent)
        self._spent = 0.0
        owner = self.owners.last
        self.layers.append(
            Layer(
                name=owner.name,
                kind=kind,
                function=function,
                module=owner.module,
                within=self.owners.within,
                inputs=inputs,
                output=output,
                edges=edges,
                call=owner.call,
                **fields,
            )
        )
        return len(self.layers) - 1

    def held(self, **tensors: Tensor | None) -> tuple[tuple[str, str], ...]:
        """The names of an operator's learned tensors, by role."""
        return tuple(
            [
                (role, self.names.get(id(tensor), ""))
                for role, tensor in tensors.items()
                if tensor is not None
            ]
        )

    def looked(self, name: str, args: tuple[Any, ...], output: Any) -> None:
        """What gave another view of its first tensor, or several."""
        base = next((each for each in args if isinstance(each, Tensor)), None)
        if base is None:
            return
        for view in output if isinstance(output, tuple | list) else (output,):
            if isinstance(view, Tensor):
                self.origins.looked(name, base, view)
                if id(base) in self.names and view.numel() == base.numel():
                    self.names[id(view)] = self.names[id(base)]
                    self._alive.append(view)

    def derived(self, args: tuple[Any, ...], output: Any) -> None:
        """What gave new tensors, and is kept as no operator."""
        bases = tensors_in(args)
        for made in tensors_in((output,)):
            self.origins.derived(bases, made)

    def saw(
        self, func: Any, args: tuple[Any, ...], output: Any, seconds: float
    ) -> None:
        """An aten operator that ran below, with its output."""
        self._spent += seconds
        name = func._schema.name.removeprefix("aten::")
        seen = self._aten.get(name) or self._aten.get(name.removesuffix("_"))
        if seen is None:
            self.uncounted[name] += 1
            self.derived(args, output)
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
        output = func(*args, **kwargs)
    name = "to" if func.__name__ in _CASTS else func.__name__
    if func is _GET and _is_advanced(args[1]):
        watch.derived(args, output)
    else:
        watch.looked(name, (*args, *kwargs.values()), output)
    return output


def tensors_in(values: Sequence[Any]) -> list[Tensor]:
    """The tensors among arguments, and in their lists."""
    return [
        inner
        for each in values
        for inner in (each if isinstance(each, list | tuple) else (each,))
        if isinstance(inner, Tensor)
    ]


def constants_of(
    args: Sequence[Any], kwargs: Arguments
) -> tuple[tuple[int | str, Constant], ...]:
    """The arguments that are no tensors, by place or by name."""
    if len(args) == 1 and not kwargs:
        return ()
    given: tuple[tuple[int | str, Any], ...] = (*enumerate(args), *kwargs.items())
    return tuple([pair for pair in given if isinstance(pair[1], _PLAIN)])


def shape_of(tensor: Tensor) -> Shape:
    """A shape as plain numbers."""
    return tuple(tensor.shape)


def axis_of(x: Tensor) -> int:
    """The axis of channels, as far as a shape can tell."""
    return 1 if x.ndim >= 4 else -1


def _is_advanced(index: Any) -> bool:
    """Whether an index copies what it chooses."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, Tensor | list) for part in parts)
