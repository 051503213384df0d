"""The figures of a training with their words: one run, or the seeds of one."""

from collections.abc import Sequence
from math import inf

from rexpand.records import Judgement, Record
from rexpand.report.figures import Figure
from rexpand.report.training_mistakes import confusion_figure, mistaken_images


def training_figures(
    records: Sequence[Record], judgement: Judgement | None = None
) -> tuple[Figure, ...]:
    """Accuracy, loss and learning rate by epoch; none for a run without epochs.

    The ranks of the blocks, where they were watched, are drawn for a single run, and
    last the confusion matrix of a judgement.
    """
    from rexpand.report import charts

    if not any(record.epochs for record in records):
        return ()
    judged = records[0].evaluated_on
    seeds = " Faint: one seed each; bold: their mean." if len(records) > 1 else ""
    return (
        Figure(
            name="accuracy",
            title="Accuracy",
            caption=f"Top-1 on the {judged} images after each epoch.{seeds}",
            spec=charts.accuracy_curve(records).to_dict(),
            is_wide=False,
        ),
        Figure(
            name="loss",
            title="Loss",
            caption=(
                "Training: the mean over an epoch, with the recipe's augmentation and "
                f"label smoothing. {judged.capitalize()}: after the epoch, without "
                f"either.{seeds}"
            ),
            spec=charts.loss_curve(records).to_dict(),
            is_wide=False,
        ),
        Figure(
            name="learning_rate",
            title="Learning rate",
            caption="At the last step of each epoch.",
            spec=charts.learning_rate_curve(records).to_dict(),
            is_wide=False,
        ),
        *(_block_ranks(records[0]) if len(records) == 1 else ()),
        *([confusion_figure(judgement, mistaken_images(records))] if judgement else ()),
    )


def _block_ranks(record: Record) -> tuple[Figure, ...]:
    from rexpand.report import charts

    effective = charts.block_rank_curves(record, "effective_rank")
    norm = charts.block_rank_curves(record, "nuclear_norm")
    if effective is None or norm is None:
        return ()
    images = min(record.recipe.watch_rank, record.evaluated_images or inf)
    return (
        Figure(
            name="block_effective_rank",
            title="Effective rank of the blocks",
            caption=(
                "Exp of the entropy of the normalised singular values of each block's "
                f"outputs, on the same {images} {record.evaluated_on} images."
            ),
            spec=effective.to_dict(),
            is_wide=False,
        ),
        Figure(
            name="block_nuclear_norm",
            title="Nuclear norm of the blocks",
            caption="The sum of the same singular values; it grows with their scale.",
            spec=norm.to_dict(),
            is_wide=False,
        ),
    )
