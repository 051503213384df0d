"""A network as data: stem, blocks in forward order, head."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from math import lcm
from typing import Annotated, ClassVar

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import CLASSES, DEPTH, IN_CHANNELS, NAME, NORM_EPS, RATE, RESOLUTION
from rexpand.shown import Shown
from rexpand.size import Resolution, Size
from rexpand.spec.blocks import BlockSpec
from rexpand.spec.head import Head
from rexpand.spec.stem import Stem


@dataclass(frozen=True, kw_only=True, repr=False)
class NetworkSpec(Shown):
    """A network as data; with `num_classes` 0 it has no classifier.

    `resolution` is the side of the input image in pixels, or a `Size` for images that
    are not square. In a family that is
    `non_decreasing` the channels never decrease, and `with_channels` checks it.
    `norm_eps` is added to the variance in every batch norm; `drop_path` is the rate at
    which the last block's residual branch is dropped in training, rising linearly from
    the first block's 0 (stochastic depth, arXiv 1603.09382).
    """

    _view: ClassVar[str] = "rexpand.report.views.networks:SPEC"

    name: Annotated[str, NAME]
    family: Annotated[str, NAME]
    stem: Stem
    blocks: tuple[BlockSpec, ...]
    head: Head
    resolution: Annotated[int, RESOLUTION] | Size = 224
    in_channels: Annotated[int, IN_CHANNELS] = 3
    num_classes: Annotated[int, CLASSES] = 1000
    non_decreasing: bool = True
    norm_eps: Annotated[float, NORM_EPS] = 1e-5
    drop_path: Annotated[float, RATE] = 0.0

    def __post_init__(self) -> None:
        check_fields(self, SpecError)
        if isinstance(self.resolution, Size):  # a square has one way to be said
            object.__setattr__(self, "resolution", self.resolution.resolution)
        DEPTH.check("number of blocks", len(self.blocks), SpecError)
        self._check_order()
        self._check_inputs()
        self.map_sizes()

    def __repr__(self) -> str:
        """One line: name, images, classes, and the widths from stem to classifier."""
        widths = [str(self.stem.out_channels), _runs(self.channels)]
        widths += [str(each) for each in (self.head.channels, self.head.hidden) if each]
        kinds = ", ".join(dict.fromkeys(block.kind for block in self.blocks))
        classes = f"{self.num_classes} classes" if self.num_classes else "no classifier"
        return (
            f"<NetworkSpec {self.name}: {self.in_channels} x {self.resolution} pixels, "
            f"{classes}, {self.depth} blocks ({kinds}), channels "
            f"{' | '.join(widths)}>"
        )

    @property
    def channels(self) -> tuple[int, ...]:
        """Output channels of the blocks, in forward order."""
        return tuple(block.out_channels for block in self.blocks)

    @property
    def depth(self) -> int:
        """Number of blocks."""
        return len(self.blocks)

    @property
    def channel_multiple(self) -> int:
        """What all channels must be multiples of, for the groups of all blocks."""
        return lcm(*(block.channel_multiple for block in self.blocks))

    def channel_multiples(self, multiple_of: int = 1) -> tuple[int, ...]:
        """What the channels of each block must be multiples of, for it and the next."""
        own = [block.channel_multiple for block in self.blocks]
        pairs = pairwise([*own, 1])
        return tuple(lcm(multiple_of, this, after) for this, after in pairs)

    @property
    def size(self) -> Size:
        """Height and width of the input image."""
        return Size.of(self.resolution)

    @property
    def image(self) -> tuple[int, int, int]:
        """Channels, height and width of the input image."""
        return self.in_channels, self.size.height, self.size.width

    @property
    def side(self) -> int:
        """The side of the input image; SpecError if it is not square."""
        return self.size.side

    def map_sizes(self, resolution: Resolution | None = None) -> tuple[Size, ...]:
        """Size of the map that each block outputs; raises as `sizes` does."""
        size = self.size if resolution is None else Size.of(resolution)
        down = self.sizes(size.height)
        across = down if size.is_square else self.sizes(size.width)
        pairs = zip(down, across, strict=True)
        return tuple(Size(height=height, width=width) for height, width in pairs)

    def sizes(self, resolution: int | None = None) -> tuple[int, ...]:
        """Side of the map that each block outputs, pixels, for square images.

        Raises SpecError for a resolution that leaves no pixel for some block.
        """
        side = self.side if resolution is None else resolution
        sizes = [self.stem.out_size(side)]
        for block in self.blocks:
            if sizes[-1] < 1:
                break
            sizes.append(block.out_size(sizes[-1]))
        if min(sizes) < 1:
            raise SpecError(
                f"resolution {side} leaves no pixel for block {len(sizes) - 1} of "
                f"{self.name}; give more pixels, such as 224"
            )
        return tuple(sizes[1:])

    def with_channels(self, channels: Sequence[int]) -> "NetworkSpec":
        """The same network with another channel configuration.

        Raises SpecError if the number of channels is not the number of blocks, or if
        they decrease where the family forbids it.
        """
        if len(channels) != self.depth:
            raise SpecError(
                f"{len(channels)} channels for {self.depth} blocks of {self.name}; "
                "give one integer per block"
            )
        pairs = zip(self.blocks, channels, strict=True)
        blocks = tuple(
            replace(block, out_channels=int(width)) for block, width in pairs
        )
        return replace(self, blocks=blocks)

    def with_classes(self, num_classes: int) -> "NetworkSpec":
        """The same network with a classifier of `num_classes` outputs."""
        return replace(self, num_classes=num_classes)

    def for_images(self, *, resolution: Resolution, in_channels: int) -> "NetworkSpec":
        """The same network for images of another size and number of channels."""
        return replace(self, resolution=resolution, in_channels=in_channels)

    def _check_order(self) -> None:
        if not self.non_decreasing:
            return
        for index, (before, after) in enumerate(pairwise(self.channels), start=1):
            if after < before:
                raise SpecError(
                    f"channels of {self.name} decrease from {before} to {after} at "
                    f"block {index}; the family {self.family} forbids it "
                    "(give non-decreasing channels, or set non_decreasing = false)"
                )

    def _check_inputs(self) -> None:
        """Let each block and the head check their number of input channels."""
        inputs = (self.stem.out_channels, *self.channels[:-1])
        for block, in_channels in zip(self.blocks, inputs, strict=True):
            block.check_input(in_channels)
        self.head.check_input(self.channels[-1])


def _runs(channels: Sequence[int]) -> str:
    """Channels with equal neighbours counted: 16-24x2-32x3."""
    runs = [(width, len(list(run))) for width, run in groupby(channels)]
    return "-".join(
        f"{width}x{count}" if count > 1 else f"{width}" for width, count in runs
    )
