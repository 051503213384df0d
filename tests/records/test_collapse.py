"""An alarm is for features that collapse, once a block, and for nothing else."""

from dataclasses import replace

from rexpand.codec import from_content
from rexpand.records import BlockRank, Epoch, collapses

EPOCH = Epoch(
    epoch=0,
    loss=1.0,
    accuracy=50.0,
    held_out_loss=1.0,
    learning_rate=0.1,
    images_per_second=100.0,
)


def epochs(*ranks: float, channels: int = 32) -> list[Epoch]:
    return [
        replace(
            EPOCH,
            epoch=number,
            block_ranks=(
                BlockRank(
                    block="blocks.1",
                    channels=channels,
                    effective_rank=rank,
                    nuclear_norm=1.0,
                ),
            ),
        )
        for number, rank in enumerate(ranks)
    ]


def test_a_rank_that_moves_is_no_collapse():
    assert collapses(epochs(16.0, 10.0, 9.0, 14.0)) == ()


def test_less_than_half_of_the_highest_is_a_collapse():
    (found,) = collapses(epochs(8.0, 16.0, 12.0, 7.9, 3.0))

    assert (found.block, found.epoch) == ("blocks.1", 3)
    assert (found.effective_rank, found.highest) == (7.9, 16.0)
    # Epochs are counted from 1 where people read.
    assert "effective rank 7.9 after epoch 4, 16.0 at its highest" in str(found)


def test_a_block_that_never_had_two_directions_has_collapsed():
    (found,) = collapses(epochs(1.4, 1.5))

    # Not in the first epoch: the norms' running statistics may not have settled.
    assert found.epoch == 1


def test_a_narrow_block_may_have_two_directions():
    assert collapses(epochs(1.4, 1.5, channels=3)) == ()


def test_what_was_not_watched_does_not_collapse():
    assert collapses([EPOCH, EPOCH]) == ()


def test_epochs_of_older_records_read_without_ranks():
    old = {k: v for k, v in vars(EPOCH).items() if k != "block_ranks"}

    assert from_content(Epoch, old) == EPOCH
