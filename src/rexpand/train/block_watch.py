"""The rank of every block's output, taken while the network is judged anyway.

The evaluation after an epoch passes the held-out images through the network; hooks on
the stem and the blocks see what the first of them give, so watching costs their
Gram matrices and eigenvalues and no pass of its own. The images are the same each time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from torch import Tensor, nn

from rexpand.models import Network
from rexpand.rank import Spectrum, effective_rank, nuclear_norm
from rexpand.rank.positions import grid_for, samples
from rexpand.records import BlockRank


class BlockWatch:
    """The spectra of the stem and of every block, over at most `images` images."""

    def __init__(self, images: int) -> None:
        self._images = images
        self._seen: dict[str, int] = {}
        self._spectra: dict[str, Spectrum] = {}

    def take(self, name: str, _: nn.Module, __: object, maps: Tensor) -> None:
        """Add one batch of a block's output, (batch, channels, height, width)."""
        left = self._images - self._seen.get(name, 0)
        if left <= 0:
            return
        channels, side = maps.shape[1], tuple(maps.shape[2:])
        grid = grid_for(channels, side, self._images)
        spectrum = self._spectra.setdefault(name, Spectrum(channels, name))
        spectrum.update(samples(maps[:left], 1, "strided", grid))
        self._seen[name] = self._seen.get(name, 0) + min(left, len(maps))

    def ranks(self) -> tuple[BlockRank, ...]:
        """Effective rank and nuclear norm of what was seen, in forward order."""
        return tuple(
            _block_rank(name, spectrum) for name, spectrum in self._spectra.items()
        )


@contextmanager
def watching(network: Network, images: int) -> Iterator[BlockWatch]:
    """Watch a network's blocks inside the `with`; with no images, none of them."""
    watch = BlockWatch(images)
    blocks = {
        "stem": network.stem,
        **{f"blocks.{n}": block for n, block in enumerate(network.blocks)},
    }
    handles = [
        block.register_forward_hook(partial(watch.take, name))
        for name, block in blocks.items()
        if images
    ]
    try:
        yield watch
    finally:
        for handle in handles:
            handle.remove()


def _block_rank(name: str, spectrum: Spectrum) -> BlockRank:
    values = spectrum.singular_values()
    return BlockRank(
        block=name,
        channels=spectrum.channels,
        effective_rank=float(effective_rank(values)),
        nuclear_norm=float(nuclear_norm(values)),
    )
