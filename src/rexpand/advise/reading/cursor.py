"""Walking along the steps of a module, noting our names of its tensors."""

from dataclasses import dataclass
from typing import Any, NoReturn

from rexpand.advise.reading.graph import steps_of
from rexpand.advise.reading.steps import Step
from rexpand.cost import Graph
from rexpand.errors import SpecError


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A convolution or linear layer with its norm and activation; `last` is a step."""

    layer: Step
    norm: Step | None
    activation: str
    last: int


class Cursor:
    """The steps and who reads whom.

    For errors, `place` is where the reader is, and `asker` what needs the spec.
    """

    def __init__(self, graph: Graph, asker: str) -> None:
        self.steps, self.end = steps_of(graph)
        self.asker = asker
        self.place = "the stem"
        self.names: dict[str, str] = {}
        self.eps: set[float] = set()
        self.consumers: dict[int, list[int]] = {}
        for number, step in enumerate(self.steps):
            for source in step.inputs:
                self.consumers.setdefault(source, []).append(number)

    def of(self, number: int, kind: str) -> list[int]:
        """The steps of a kind that read a step."""
        return [n for n in self.consumers.get(number, []) if self.steps[n].kind == kind]

    def only(self, number: int, kind: str) -> int | None:
        """The one step that reads a step, if it is of that kind."""
        found = self.consumers.get(number, [])
        return found[0] if len(found) == 1 and self.of(number, kind) else None

    def unit(self, number: int, ours: str) -> Unit:
        """A convolution, its batch norm and its activation: a ConvNorm of ours."""
        layer, norm = self.filtered(number, ours)
        return self._followed(number, layer, norm)

    def filtered(self, number: int, ours: str) -> tuple[Step, int]:
        """A convolution without bias, and the number of its batch norm."""
        layer = self.hold(number, f"{ours}.conv")
        norm = self._norm(number, f"{ours}.norm")
        if norm is None:
            self.refuse(f"no batch norm follows {layer.name}")
        if len(layer.tensors) > 1:
            self.refuse(f"{layer.name} has a bias before its batch norm")
        return layer, norm

    def layer(self, number: int, ours: str, norm_name: str) -> Unit:
        """A layer that may have a bias and a norm."""
        layer = self.hold(number, ours)
        return self._followed(number, layer, self._norm(number, norm_name))

    def one_layer(self, number: int) -> int:
        """The one convolution or linear layer after a step."""
        found = [*self.of(number, "convolution"), *self.of(number, "linear")]
        if len(found) != 1 or len(self.consumers[number]) != 1:
            self.refuse(self.followers(number))
        return found[0]

    def hold(self, number: int, ours: str) -> Step:
        """Note our names of a step's tensors."""
        step = self.steps[number]
        if step.problem:
            self.refuse_step(step, step.problem)
        for role, theirs in step.tensors:
            self.names[f"{ours}.{role}"] = theirs
        return step

    def nonlinearity(self, number: int) -> str:
        """The name of an activation step."""
        step = self.steps[number]
        if not step.activation:
            self.refuse(f"a spec has no nonlinearity like that after {step.name}")
        return step.activation

    def activation(self, unit: Unit) -> Any:
        """The unit's activation, which is no gate."""
        if unit.activation in ("sigmoid", "hard_sigmoid"):
            self.refuse(f"{unit.layer.name} is followed by a {unit.activation}")
        return unit.activation

    def followers(self, number: int) -> str:
        """What follows a step, in words."""
        found = [self.steps[n] for n in self.consumers.get(number, [])]
        names = (
            step.name if step.kind == "other" else f"{step.kind} {step.name}"
            for step in found
        )
        words = ", ".join(names) or "nothing"
        return f"{self.steps[number].name} is followed by {words}"

    def refuse(self, reason: str) -> NoReturn:
        """Raise SpecError: what is needed, where it ends, why, in one line."""
        raise SpecError(
            f"{self.asker} needs blocks 1x1, depthwise, 1x1; {self.place}: {reason}"
        )

    def refuse_step(self, step: Step, what: str) -> NoReturn:
        """Raise SpecError for one operation: `l1.0.c1 is a full 3x3 convolution`."""
        raise SpecError(
            f"{self.asker} needs blocks 1x1, depthwise, 1x1; {step.name} {what}"
        )

    def _norm(self, number: int, ours: str) -> int | None:
        norm = self.only(number, "norm")
        if norm is not None:
            self.eps.add(self.hold(norm, ours).eps)
        return norm

    def _followed(self, number: int, layer: Step, norm: int | None) -> Unit:
        last = number if norm is None else norm
        active = self.only(last, "activation")
        return Unit(
            layer=layer,
            norm=None if norm is None else self.steps[norm],
            activation="linear" if active is None else self.nonlinearity(active),
            last=last if active is None else active,
        )
