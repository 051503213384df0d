"""Operators that hold tensors of the module: convolution, batch norm, linear layer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from torch import Tensor

from rexpand.advise.reading.notebook import Notebook, Value
from rexpand.advise.reading.steps import Step

Arguments = Mapping[str, Any]  # of an operator, by the names of its schema


def convolution(notes: Notebook, given: Arguments, output: Tensor) -> Value:
    """A convolution; what a spec has no words for is its problem."""
    step = Step(
        kind="convolution",
        kernel_size=given["weight"].shape[-1],
        stride=given["stride"][0],
        dilation=given["dilation"][0],
        groups=given["groups"],
        problem=_problem(given),
    )
    return _holding(notes, step, given, output, ("weight", "bias"))


def norm(notes: Notebook, given: Arguments, output: Tensor) -> Value:
    """A batch norm in evaluation mode."""
    affine = given.get("weight") is not None and given.get("bias") is not None
    step = Step(
        kind="norm",
        eps=given.get("eps", given.get("epsilon", 0.0)),
        problem="" if affine else "has no scale and shift",
    )
    roles = ("weight", "bias", "running_mean", "running_var")
    return _holding(notes, step, given, output, roles)


def linear(notes: Notebook, given: Arguments, output: Tensor) -> Value:
    """A linear layer: `addmm(self=bias, mat1, mat2)` or `mm(self, mat2)`."""
    if "mat1" in given:
        named = {"input": given["mat1"], "bias": given["self"]}
    else:
        named = {"input": given["self"]}
    named["weight"] = given["mat2"]
    return _holding(notes, Step(kind="linear"), named, output, ("weight", "bias"))


def _problem(given: Arguments) -> str:
    """What keeps a convolution from being one of ours; empty if nothing does."""
    kernel, stride = tuple(given["weight"].shape[2:]), tuple(given["stride"])
    dilation, padding = tuple(given["dilation"]), tuple(given["padding"])
    if given["transposed"] or len(kernel) != 2:
        return "is no plain 2-d convolution"
    if len({*kernel}) > 1 or len({*stride}) > 1 or len({*dilation}) > 1:
        return f"has kernel {kernel} and stride {stride}, which are not square"
    if not kernel[0] % 2:
        return f"has a kernel of {kernel}, which has no middle pixel"
    if padding != tuple(d * (k // 2) for d, k in zip(dilation, kernel, strict=True)):
        return f"is padded by {padding}, not by half its kernel {kernel}"
    return ""


def _holding(
    notes: Notebook,
    step: Step,
    given: Arguments,
    output: Tensor,
    roles: tuple[str, ...],
) -> Value:
    """The step with the module's names of its tensors."""
    held = {role: given[role] for role in roles if given.get(role) is not None}
    names = {role: notes.names.get(id(tensor), "") for role, tensor in held.items()}
    problem = step.problem
    if not all(names.values()):
        problem = "has weights that are computed on the way"
    source = notes.value(given["input"])
    if source is None:
        problem, source = "takes in nothing of the image", Value(step=0)
    name = (names.get("weight") or step.kind).removesuffix(".weight")
    named = replace(
        step,
        name=name,
        shape=tuple(output.shape),
        tensors=tuple(names.items()),
        problem=problem,
    )
    return notes.holding(named, source, name)
