"""The notes of a pass: which step each tensor comes from, and what was done to it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from torch import Tensor, nn

from rexpand.advise.reading.curves import activation_named, is_identity
from rexpand.advise.reading.steps import Kind, Step


@dataclass(frozen=True, kw_only=True)
class Value:
    """A tensor on the way: a curve over the values of a step, or a part of its channels.

    `curve` are the values on the grid, None for the step itself. `start` and `stop` are
    the channels that the tensor has of the step, None for all; `padded` channels of
    zeros stand behind them. `base` is the tensor that it is a view of; `added` a step
    that was added to it.
    """

    step: int
    curve: Tensor | None = None
    start: int = 0
    stop: int | None = None
    padded: int = 0
    base: int | None = None
    added: int | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the tensor has all the channels of its step, and no others."""
        return self.stop is None and not self.padded and self.added is None


class Notebook:
    """The steps so far, the value of every tensor, the names of those of the module."""

    def __init__(self, module: nn.Module, image: Tensor) -> None:
        self.steps = [Step(kind="image", name="image", shape=tuple(image.shape))]
        self.values = {id(image): Value(step=0)}
        self.names = {
            id(tensor): name
            for name, tensor in (*module.named_parameters(), *module.named_buffers())
        }
        self._activations: dict[tuple[int, str], int] = {}

    def value(self, tensor: Tensor) -> Value | None:
        """What a tensor is; None for one that nothing of the image went into."""
        return self.values.get(id(tensor))

    def step(self, step: Step) -> int:
        """Note a step; its number."""
        self.steps.append(step)
        return len(self.steps) - 1

    def new(
        self, kind: Kind, values: Sequence[Value], output: Tensor, *, name: str
    ) -> Value:
        """A step over values, and what it puts out."""
        inputs = tuple(self.whole(value, name) for value in values)
        step = Step(kind=kind, name=name, inputs=inputs, shape=tuple(output.shape))
        return Value(step=self.step(step))

    def holding(self, step: Step, source: Value, where: str) -> Value:
        """A step with one input."""
        inputs = (self.whole(source, where),)
        return Value(step=self.step(replace(step, inputs=inputs)))

    def whole(self, value: Value, where: str) -> int:
        """The step whose output is the value: its activation becomes a step."""
        source = self.steps[value.step]
        if not value.is_whole:
            name = "a sum of a part" if value.added is not None else "a part"
            inputs = (value.step,)
            return self.step(
                Step(
                    kind="other",
                    name=f"{name} of {source.name}",
                    inputs=inputs,
                    shape=source.shape,
                )
            )
        if value.curve is None or is_identity(value.curve):
            return value.step
        name = activation_named(value.curve)
        known = self._activations.get((value.step, name))
        if known is not None and name:
            return known
        number = self.step(
            Step(
                kind="activation",
                name=source.name or where,
                inputs=(value.step,),
                shape=source.shape,
                activation=name,
            )
        )
        self._activations[value.step, name] = number
        return number
