"""The course of training, epoch by epoch: one run, or the seeds of one and their mean."""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Literal

import altair as alt

from rexpand.records import Epoch, Record
from rexpand.report.charts import axes

Measure = Literal["effective_rank", "nuclear_norm"]

_RANK_TITLES = {
    "effective_rank": "Effective rank / channels (%)",
    "nuclear_norm": "Nuclear norm",
}
TRAINING = "training"
_MOST_LABELS = 12  # on the axis of epochs


def accuracy_curve(records: Sequence[Record]) -> alt.LayerChart:
    """Accuracy in percent after each epoch, on the images that judge the network."""
    return axes.framed(
        _curves(records, "accuracy", axes.accuracy_axis, [records[0].evaluated_on]),
        [_row(r, e, r.evaluated_on) for r in records for e in r.epochs],
        f"Accuracy on {records[0].evaluated_on} images after each epoch",
    )


def loss_curve(records: Sequence[Record]) -> alt.LayerChart:
    """Mean loss of each epoch on the training images, and after it on the others."""
    splits = [records[0].evaluated_on, TRAINING]
    return axes.framed(
        _curves(records, "loss", _loss_axis, splits),
        [_row(r, e, split) for split in splits for r in records for e in r.epochs],
        f"Loss on training and {records[0].evaluated_on} images by epoch",
    )


def learning_rate_curve(records: Sequence[Record]) -> alt.LayerChart:
    """Learning rate at the last step of each epoch; every seed has the same."""
    longest = max(records, key=lambda record: len(record.epochs))
    return axes.framed(
        _curves([longest], "learning_rate", _rate_axis, [TRAINING]),
        [_row(longest, epoch, TRAINING) for epoch in longest.epochs],
        "Learning rate at the end of each epoch",
    )


def block_rank_curves(record: Record, measure: Measure) -> alt.LayerChart | None:
    """One measure of every block's output after each epoch, one line per block.

    None for a run that did not watch them.
    """
    rows = [
        {
            "epoch": epoch.epoch + 1,
            "depth": depth,
            "block": rank.block,
            "channels": rank.channels,
            "effective_rank": rank.effective_rank,
            "share": 100 * rank.effective_rank / rank.channels,
            "nuclear_norm": rank.nuclear_norm,
        }
        for epoch in record.epochs
        for depth, rank in enumerate(epoch.block_ranks)
    ]
    if not rows:
        return None
    field = "share:Q" if measure == "effective_rank" else "nuclear_norm:Q"
    base = alt.Chart().encode(
        x=_epoch_axis([record]),
        y=alt.Y(
            field,
            title=_RANK_TITLES[measure],
            axis=alt.Axis(tickCount=6),
            scale=alt.Scale(zero=measure == "effective_rank"),
        ),
        detail="block:N",
        color=alt.Color(
            "depth:Q",
            title="Depth, from the stem (0)",
            scale=alt.Scale(range="ramp"),
            legend=alt.Legend(orient="top", gradientLength=180, tickCount=4),
        ),
        tooltip=[
            alt.Tooltip("block:N", title="Block"),
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip("channels:Q", title="Channels"),
            alt.Tooltip("effective_rank:Q", title="Effective rank", format=".1f"),
            alt.Tooltip("nuclear_norm:Q", title="Nuclear norm", format=".4s"),
        ],
    )
    return axes.framed(
        axes.layers(base.mark_line(strokeWidth=1.75), base.mark_circle(size=22)),
        rows,
        f"{_RANK_TITLES[measure]} of every block after each epoch",
    )


def _curves(
    records: Sequence[Record],
    field: str,
    axis: Callable[[str], alt.Y],
    splits: Sequence[str],
) -> alt.LayerChart:
    """One line with points per split; several seeds lie faint under their mean."""
    legend = alt.Legend(title=None, orient="top", values=[*splits])
    scale = alt.Scale(domain=[records[0].evaluated_on, TRAINING])
    shape = alt.Shape("split:N", scale=scale, legend=legend)
    base = alt.Chart().encode(
        x=_epoch_axis(records), color=alt.Color("split:N", scale=scale, legend=legend)
    )
    each = base.encode(
        y=axis(f"{field}:Q"), detail="seed:N", tooltip=_tooltip("seed:Q", "Seed")
    )
    if len(records) == 1:
        points = each.encode(shape=shape).mark_point(filled=True, size=30, opacity=1)
        return axes.layers(each.mark_line(strokeWidth=2), points)
    mean = base.encode(
        y=axis(f"mean({field}):Q"), tooltip=_tooltip("count():Q", "Seeds", "mean")
    )
    points = mean.encode(shape=shape).mark_point(filled=True, size=30, opacity=1)
    faint = each.mark_line(strokeWidth=1, opacity=0.4)
    return axes.layers(faint, mean.mark_line(strokeWidth=2.5), points)


def _tooltip(field: str, title: str, of: str = "") -> list[alt.Tooltip]:
    """What a point says: of one seed, or of the mean of all."""
    shown = (
        ("accuracy", "Accuracy (%)", ".2f"),
        ("loss", "Loss", ".4f"),
        ("learning_rate", "Learning rate", ".3~g"),
    )
    return [
        alt.Tooltip(field, title=title),
        alt.Tooltip("epoch:Q", title="Epoch"),
        alt.Tooltip("split:N", title="Images"),
        *(
            alt.Tooltip(f"{of}({name}):Q" if of else f"{name}:Q", title=head, format=f)
            for name, head, f in shown
        ),
    ]


def _row(record: Record, epoch: Epoch, split: str) -> dict[str, object]:
    return {
        "seed": record.seed,
        "row": f"{record.seed}",
        "split": split,
        "epoch": epoch.epoch + 1,
        "accuracy": epoch.accuracy,
        "loss": epoch.loss if split == TRAINING else epoch.held_out_loss,
        "learning_rate": epoch.learning_rate,
    }


def _epoch_axis(records: Sequence[Record]) -> alt.X:
    epochs = max(len(record.epochs) for record in records)
    step = ceil(epochs / _MOST_LABELS)
    return alt.X(
        "epoch:Q",
        title="Epoch",
        axis=alt.Axis(values=sorted({1, *range(step, epochs + 1, step)}), format="d"),
        scale=alt.Scale(nice=False, padding=8),
    )


def _loss_axis(field: str) -> alt.Y:
    return alt.Y(field, title="Loss (cross-entropy)", axis=alt.Axis(tickCount=6))


def _rate_axis(field: str) -> alt.Y:
    return alt.Y(field, title="Learning rate", axis=alt.Axis(tickCount=6))
