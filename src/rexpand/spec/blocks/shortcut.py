"""How a block's input reaches its output."""

from typing import Literal

Shortcut = Literal["partial", "identity", "none"]

# A projection is a 1x1 convolution with the block's stride and a batch norm. It is
# chosen, not inferred from widths that differ, so that the cost of a network is the
# same formula for all channels.
ResidualShortcut = Literal["projection", "partial", "identity", "none"]


def adds(
    shortcut: ResidualShortcut, in_channels: int, out_channels: int, stride: int
) -> bool:
    """Whether the shortcut adds the input, between these widths.

    The partial shortcut adds the input to the first `in_channels` outputs (arXiv
    2007.00992); it needs stride 1 and at least as many outputs as inputs. The identity
    needs stride 1 and equally many.
    """
    match shortcut:
        case "projection":
            return True
        case "partial":
            return stride == 1 and in_channels <= out_channels
        case "identity":
            return stride == 1 and in_channels == out_channels
        case "none":
            return False
