"""Which old channel stands where, in a network of other widths.

An axis gives, for every place of a new width, the old channel that comes there, or
none; and the share of that channel, where several places hold copies of it. Rows of a
weight follow the axis of its outputs, columns that of its inputs.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

_NONE = -1


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Old channel of each place, -1 for none, and its share, summing to 1 per channel."""

    source: Tensor
    share: Tensor

    @property
    def known(self) -> Tensor:
        """Whether each place holds an old channel."""
        return self.source != _NONE


def kept(order: Tensor, width: int) -> Axis:
    """The first of an order of channels; places beyond its end are new."""
    source = torch.full((width,), _NONE)
    count = min(width, len(order))
    source[:count] = order[:count]
    return Axis(source=source, share=torch.ones(width, dtype=torch.float64))


def split(order: Tensor, width: int) -> Axis:
    """The first of an order of channels; places beyond its end hold copies of them.

    Copies have unequal shares, so that they learn apart: of two, 2/3 and 1/3.
    """
    if width <= len(order):
        return kept(order, width)
    places = torch.arange(width)
    round_of = places // len(order)
    copies = (width - 1 - places % len(order)) // len(order) + 1
    share = (copies - round_of).double() / (copies * (copies + 1) / 2)
    return Axis(source=order[places % len(order)], share=share)


def same(width: int) -> Axis:
    """Every channel where it was."""
    return kept(torch.arange(width), width)


def carried_vector(old: Tensor, new: Tensor, axis: Axis) -> Tensor:
    """A bias or a norm's tensor: old values on old channels, `new` elsewhere."""
    return torch.where(axis.known, old[axis.source.clamp(min=0)], new)


def carried_weight(
    old: Tensor, new: Tensor, outputs: Axis, inputs: Axis | None, *, silent: bool
) -> Tensor:
    """A weight: old rows and columns, those of copies by their share, `new` elsewhere.

    Without `inputs` the convolution is depthwise. What old outputs take of new inputs
    is `new` too if those are `silent`, putting out 0; otherwise it is 0.
    """
    rows = outputs.known.view(-1, *(1,) * (old.dim() - 1))
    taken = old[outputs.source.clamp(min=0)]
    if inputs is None:
        return torch.where(rows, taken, new)
    shape = (1, -1, *(1,) * (old.dim() - 2))
    columns = inputs.known.view(shape)
    taken = taken[:, inputs.source.clamp(min=0)] * inputs.share.view(shape).to(old)
    strange = new if silent else torch.zeros_like(new)
    return torch.where(rows, torch.where(columns, taken, strange), new)
