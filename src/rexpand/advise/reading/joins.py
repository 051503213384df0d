"""Two maps that become one: sums, of which some reach the first channels alone, gates.

A partial shortcut comes in three forms: a map padded by zeros and added (ours), a sum of
the first channels joined again with the rest (timm's), a sum written into a slice (the
official ReXNet).
"""

from collections.abc import Sequence
from dataclasses import replace

from torch import Tensor

from rexpand.advise.reading.layers import Arguments
from rexpand.advise.reading.notebook import Notebook, Value
from rexpand.advise.reading.steps import Step


def sliced(
    notes: Notebook, given: Arguments, source: Tensor, value: Value, output: Tensor
) -> Value:
    """Some channels of a map."""
    if output.shape == source.shape:
        return replace(value, base=id(source))
    if given.get("dim") != 1 or given.get("step", 1) != 1 or not value.is_whole:
        return notes.new("other", [value], output, name="slice")
    start = given.get("start") or 0
    return replace(value, start=start, stop=start + output.shape[1], base=id(source))


def padded(
    given: Arguments, source: Tensor, value: Value, output: Tensor
) -> Value | None:
    """A map with channels of zeros behind it; None for another padding."""
    if not value.is_whole or value.curve is not None or output.dim() != 4:
        return None
    extra = output.shape[1] - source.shape[1]
    if given["pad"] != [0, 0, 0, 0, 0, extra] or given.get("value"):
        return None
    return replace(value, padded=extra)


def joined_again(notes: Notebook, given: Arguments, output: Tensor) -> Value | None:
    """The first channels with a sum in them, and the rest; None for anything else."""
    values = [notes.value(tensor) for tensor in given["tensors"]]
    if given.get("dim", 0) != 1 or len(values) != 2:
        return None
    first, rest = values
    if first is None or rest is None or first.added is None or first.stop is None:
        return None
    if first.step != rest.step or first.stop != rest.start:
        return None
    if rest.stop != output.shape[1]:
        return None
    whole = replace(first, start=0, stop=None, base=None, added=None)
    return _sum(notes, whole, first.added, first.stop, output)


def add(
    notes: Notebook,
    operator: str,
    tensors: Sequence[Tensor],
    values: Sequence[Value],
    output: Tensor,
) -> Value:
    """A sum of two maps; the shortcut may reach the first channels alone."""
    left, right = values
    if right.stop is not None or left.padded:
        left, right = right, left
    if left.stop is not None and left.start == 0 and right.is_whole:
        return _into_slice(notes, operator, left, right, output)
    if left.is_whole and right.padded and right.added is None:
        number = notes.whole(replace(right, padded=0), operator)
        return _sum(notes, left, number, output.shape[1] - right.padded, output)
    if left.is_whole and right.is_whole and tensors[0].shape == tensors[1].shape:
        number = notes.whole(right, operator)
        return _sum(notes, left, number, output.shape[1], output)
    return notes.new("other", values, output, name=operator)


def gate(
    notes: Notebook,
    tensors: Sequence[Tensor],
    values: Sequence[Value],
    output: Tensor,
) -> Value:
    """A map times a number a channel, the map first."""
    left, right = values
    if tensors[0].shape != output.shape:
        left, right = right, left
    return notes.new("gate", [left, right], output, name="mul")


def _into_slice(
    notes: Notebook, operator: str, left: Value, right: Value, output: Tensor
) -> Value:
    """A sum over the first channels: of a copy, or in the map that was sliced."""
    number = notes.whole(right, operator)
    if operator != "add_":
        return replace(left, added=number)
    assert left.base is not None
    assert left.stop is not None
    whole = replace(left, stop=None, base=None)
    summed = _sum(notes, whole, number, left.stop, output)
    notes.values[left.base] = summed
    return replace(left, step=summed.step, curve=None)


def _sum(
    notes: Notebook, left: Value, right: int, joined: int, output: Tensor
) -> Value:
    base = notes.whole(left, "add")
    shape = notes.steps[base].shape or tuple(output.shape)
    step = Step(kind="add", name="add", inputs=(base, right), shape=shape)
    return Value(step=notes.step(replace(step, joined=joined)))
