"""Cost of the shortcut of a residual block."""

from rexpand.cost.layers import Cost, Count, convolution
from rexpand.cost.live_maps import Tape
from rexpand.size import Size
from rexpand.spec import Residual


def shortcut_cost(
    block: Residual, in_channels: Count, out_channels: Count, in_size: Size
) -> Cost:
    """Cost of the projection; the other shortcuts cost nothing."""
    if not block.projects:
        return Cost()
    return convolution(
        in_channels,
        out_channels,
        kernel_size=1,
        in_size=in_size,
        out_size=block.output(in_size),
        norm=True,
    )


def residual_maps(
    block: Residual,
    channels: tuple[int, int],
    in_size: Size,
    tape: Tape,
    steps: tuple[int, int],
) -> int:
    """The steps after a branch: projection or padding of the input, sum.

    `channels` are those of the input and of the branch, `steps` where both were written.
    """
    (in_channels, out_channels), (source, branch) = channels, steps
    if not block.joins(in_channels):
        return branch
    elements = out_channels * block.output(in_size).pixels
    if block.projects or in_channels < out_channels:
        source = tape.write(elements, source)
    return tape.add(branch, source)


def padded_sum(
    tape: Tape, branch: int, source: int, elements: int, *, missing: int
) -> int:
    """The sum of a branch of so many elements and an input with `missing` channels."""
    if missing:
        source = tape.write(elements, source)
    return tape.add(branch, source)
