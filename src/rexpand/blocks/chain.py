"""Blocks in forward order; some of them take two inputs."""

from collections.abc import Callable, Iterator

from torch import Tensor, nn

Run = Callable[..., Tensor]  # of a block with its one or two inputs


class TwoInputBlock(nn.Module):
    """A block of two inputs: the map before the last, and the last."""


class BlockChain(nn.Sequential):
    """Blocks of which some look back (`TwoInputBlock`).

    The first block receives its input twice.
    """

    def forward(self, images: Tensor) -> Tensor:
        *_, images = outputs_of(self, images)
        return images


def _called(block: nn.Module, *inputs: Tensor) -> Tensor:
    return block(*inputs)


def outputs_of(
    blocks: nn.Sequential, images: Tensor, run: Run = _called
) -> Iterator[Tensor]:
    """The output of each block, in forward order; `run` calls it with its inputs."""
    before = images
    for block in blocks:
        outputs = output_of(block, before, images, run)
        before, images = images, outputs
        yield outputs


def output_of(
    block: nn.Module, before: Tensor, images: Tensor, run: Run = _called
) -> Tensor:
    """The output of a block, which may also read the map `before` the last."""
    if isinstance(block, TwoInputBlock):
        return run(block, before, images)
    return run(block, images)
