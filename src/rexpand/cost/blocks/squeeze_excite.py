"""Cost of squeeze-and-excitation."""

from rexpand.cost.layers import Cost, Count, linear, norm
from rexpand.spec import SqueezeExcite


def squeeze_cost(
    squeeze: SqueezeExcite, channels: Count, squeezed: Count | None = None
) -> Cost:
    """Cost of a squeeze-excite on `channels`; `squeezed` may give its inner width."""
    if squeezed is None:
        squeezed = squeeze.squeezed(channels)
    cost = linear(channels, squeezed) + linear(squeezed, channels)
    return cost + norm(squeezed) if squeeze.norm else cost
