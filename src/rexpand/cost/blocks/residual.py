"""Cost of the shortcut of a residual block."""

from rexpand.cost.layers import Cost, Count, convolution
from rexpand.spec import Residual


def shortcut_cost(
    block: Residual, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    """Cost of the projection; the other shortcuts cost nothing."""
    if not block.projects:
        return Cost()
    return convolution(
        in_channels,
        out_channels,
        kernel_size=1,
        in_size=in_size,
        out_size=block.out_size(in_size),
        norm=True,
    )
