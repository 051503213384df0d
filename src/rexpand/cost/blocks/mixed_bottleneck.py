"""Cost of the inverted bottleneck with kernels of several sizes."""

from rexpand.cost.blocks.squeeze_excite import squeeze_cost
from rexpand.cost.layers import Cost, Count, depthwise, norm, pointwise
from rexpand.spec import MixedBottleneck


def mixed_bottleneck_cost(
    block: MixedBottleneck, in_channels: Count, out_channels: Count, in_size: int
) -> Cost:
    size = block.out_size(in_size)
    expanded = block.expanded(in_channels)
    cost = norm(expanded)
    kernels = zip(block.kernel_sizes, block.kernel_parts(expanded), strict=True)
    for kernel_size, channels in kernels:
        cost += depthwise(
            channels, kernel_size=kernel_size, in_size=in_size, out_size=size
        )
    if block.expand_ratio != 1:
        parts = block.expand_parts(in_channels), block.expand_parts(expanded)
        cost += _split_pointwise(*parts, in_size) + norm(expanded)
    if block.squeeze_excite:
        cost += squeeze_cost(
            block.squeeze_excite, expanded, squeezed=block.squeezed(in_channels)
        )
    parts = block.project_parts(expanded), block.project_parts(out_channels)
    return cost + _split_pointwise(*parts, size) + norm(out_channels)


def _split_pointwise(
    in_parts: tuple[Count, ...], out_parts: tuple[Count, ...], size: int
) -> Cost:
    """A 1x1 convolution in groups that need not be alike."""
    parts = zip(in_parts, out_parts, strict=True)
    return sum((pointwise(*part, size) for part in parts), Cost())
