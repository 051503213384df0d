"""The stacks of the experiments as torch modules: convolutions without bias or norm."""

from torch import Tensor, nn

from rexpand.latency.guidelines.experiments import (
    BLOCKS,
    BottleneckStack,
    GroupedStack,
    ParallelStack,
    RatioStack,
    SeriesStack,
    Stack,
)


class Parallel(nn.Module):
    """The sum of 1x1 convolutions of one input."""

    def __init__(self, in_channels: int, out_channels: int, fragments: int) -> None:
        super().__init__()
        self.fragments = nn.ModuleList(
            nn.Conv2d(in_channels, out_channels, 1, bias=False)
            for _ in range(fragments)
        )

    def forward(self, images: Tensor) -> Tensor:
        first, *others = self.fragments
        total = first(images)
        for fragment in others:
            total = total + fragment(images)
        return total


class Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions; a ReLU after each, the last after the shortcut."""

    def __init__(
        self, channels: int, narrow: int, has_relu: bool, has_shortcut: bool
    ) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, narrow, 1, bias=False)
        self.convolve = nn.Conv2d(narrow, narrow, 3, padding=1, bias=False)
        self.expand = nn.Conv2d(narrow, channels, 1, bias=False)
        self.act = nn.ReLU() if has_relu else nn.Identity()
        self.has_shortcut = has_shortcut

    def forward(self, images: Tensor) -> Tensor:
        narrow = self.act(self.convolve(self.act(self.reduce(images))))
        wide = self.expand(narrow)
        return self.act(wide + images if self.has_shortcut else wide)


def build_stack(stack: Stack) -> nn.Sequential:
    """A stack's module; its input has `in_channels(stack)` channels."""
    narrow, wide, degree = stack.narrow, stack.wide, stack.degree
    match stack:
        case RatioStack():
            return _alternating(narrow, wide, 2 * BLOCKS)
        case GroupedStack():
            return _alternating(narrow, wide, BLOCKS, groups=degree)
        case SeriesStack():
            return _alternating(narrow, wide, degree * BLOCKS)
        case ParallelStack():
            sides = ((narrow, wide), (wide, narrow))
            return nn.Sequential(
                *(Parallel(*sides[block % 2], degree) for block in range(BLOCKS))
            )
        case BottleneckStack():
            return nn.Sequential(
                *(
                    Bottleneck(wide, narrow, stack.has_relu, stack.has_shortcut)
                    for _ in range(BLOCKS)
                )
            )


def in_channels(stack: Stack) -> int:
    """The channels of a stack's input."""
    return stack.wide if isinstance(stack, BottleneckStack) else stack.narrow


def _alternating(narrow: int, wide: int, layers: int, groups: int = 1) -> nn.Sequential:
    sides = ((narrow, wide), (wide, narrow))
    return nn.Sequential(
        *(
            nn.Conv2d(*sides[layer % 2], 1, groups=groups, bias=False)
            for layer in range(layers)
        )
    )
