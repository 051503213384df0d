"""When the features of a block have collapsed while it trained.

Effective rank moves in every training, often down as the classes part. An alarm is for
what does not come back: a block that fell to less than half of the highest effective
rank it had, or that has fewer than two directions. The second does not count in the
first epoch, when the running statistics of the norms may not have settled.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rexpand.records.record import BlockRank, Epoch

SHARE = 0.5
LEAST = 2.0
_NARROW = 4  # channels; so narrow a block may have two directions and be sound


@dataclass(frozen=True, kw_only=True)
class Collapse:
    """A block whose effective rank fell, at the first epoch at which it had."""

    block: str
    epoch: int
    effective_rank: float
    highest: float

    def __str__(self) -> str:
        return (
            f"{self.block}: effective rank {self.effective_rank:.1f} after epoch "
            f"{self.epoch + 1}, {self.highest:.1f} at its highest"
        )


def collapses(epochs: Sequence[Epoch]) -> tuple[Collapse, ...]:
    """The blocks that collapsed, in the order in which they did, each once."""
    highest: dict[str, float] = {}
    found: dict[str, Collapse] = {}
    for epoch in epochs:
        for rank in epoch.block_ranks:
            peak = max(highest.get(rank.block, 0.0), rank.effective_rank)
            highest[rank.block] = peak
            if rank.block not in found and _has_collapsed(rank, peak, epoch.epoch):
                found[rank.block] = Collapse(
                    block=rank.block,
                    epoch=epoch.epoch,
                    effective_rank=rank.effective_rank,
                    highest=peak,
                )
    return tuple(found.values())


def _has_collapsed(rank: BlockRank, highest: float, epoch: int) -> bool:
    if rank.effective_rank < SHARE * highest:
        return True
    return epoch > 0 and rank.channels > _NARROW and rank.effective_rank < LEAST
