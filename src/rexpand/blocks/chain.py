"""Blocks in forward order, of which some take two inputs."""

from collections.abc import Iterator

from torch import Tensor, nn


class BlockChain(nn.Sequential):
    """Blocks of which some also look at the map before the last (`looks_back`).

    In front of the first block its input stands twice.
    """

    def forward(self, images: Tensor) -> Tensor:
        *_, images = outputs_of(self, images)
        return images


def outputs_of(blocks: nn.Sequential, images: Tensor) -> Iterator[Tensor]:
    """The map that each block puts out, in forward order."""
    before = images
    for block in blocks:
        looks_back = getattr(block, "looks_back", False)
        outputs = block(before, images) if looks_back else block(images)
        before, images = images, outputs
        yield outputs
