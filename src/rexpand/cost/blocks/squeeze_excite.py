"""Cost of squeeze-and-excitation."""

from rexpand.cost.layers import Cost, Count, linear, norm
from rexpand.cost.live_maps import Tape
from rexpand.spec import SqueezeExcite


def squeeze_cost(
    squeeze: SqueezeExcite, channels: Count, squeezed: Count | None = None
) -> Cost:
    """Cost of a squeeze-excite on `channels`; `squeezed` may give its inner width."""
    if squeezed is None:
        squeezed = squeeze.squeezed(channels)
    cost = linear(channels, squeezed) + linear(squeezed, channels)
    return cost + norm(squeezed) if squeeze.norm else cost


def squeeze_maps(
    squeeze: SqueezeExcite | None,
    channels: int,
    tape: Tape,
    source: int,
    squeezed: int | None = None,
) -> int:
    """The steps of a squeeze-excite, if there is one: pool, two layers, gate."""
    if squeeze is None:
        return source
    if squeezed is None:
        squeezed = squeeze.squeezed(channels)
    pooled = tape.write(channels, source)
    inner = tape.write(squeezed, pooled)
    return tape.change(source, tape.write(channels, inner))
