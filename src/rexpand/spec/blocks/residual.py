"""How the shortcut of a residual block reaches its output."""

from typing import Literal

# A projection is a 1x1 convolution with the block's stride and a batch norm. It is
# chosen, not inferred from widths that differ: the cost of a network is then the same
# formula for all channels. The others are those of an inverted bottleneck.
ResidualShortcut = Literal["projection", "partial", "identity", "none"]
