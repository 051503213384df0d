"""The ways in which a block's input joins its output."""

from torch import Tensor
from torch.nn.functional import pad


def joins(shortcut: str, in_channels: int, out_channels: int, stride: int) -> bool:
    """Whether a shortcut of that name exists between the two widths."""
    if stride != 1 or shortcut == "none":
        return False
    if shortcut == "identity":
        return in_channels == out_channels
    return in_channels <= out_channels


def add_shortcut(outputs: Tensor, inputs: Tensor, missing: int) -> Tensor:
    """Add the input, `missing` channels short, to the output's first (2007.00992).

    Padding with zeros and adding exports as two plain nodes; adding into a slice does
    not (clovaai/rexnet#15), nor do channels that are counted on the way.
    """
    if missing:
        inputs = pad(inputs, (0, 0, 0, 0, 0, missing))
    return outputs + inputs
