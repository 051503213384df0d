"""Blocks in forward order; some of them take two inputs."""

from collections.abc import Iterator

from torch import Tensor, nn


class TwoInputBlock(nn.Module):
    """A block of two inputs: the map before the last, and the last."""


class BlockChain(nn.Sequential):
    """Blocks of which some look back (`TwoInputBlock`).

    The first block receives its input twice.
    """

    def forward(self, images: Tensor) -> Tensor:
        *_, images = outputs_of(self, images)
        return images


def outputs_of(blocks: nn.Sequential, images: Tensor) -> Iterator[Tensor]:
    """The output of each block, in forward order."""
    before = images
    for block in blocks:
        looks_back = isinstance(block, TwoInputBlock)
        outputs = block(before, images) if looks_back else block(images)
        before, images = images, outputs
        yield outputs
