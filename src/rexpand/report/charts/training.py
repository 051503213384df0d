"""The course of one training run, epoch by epoch."""

from typing import Literal

import altair as alt

from rexpand.records import Record
from rexpand.report.charts import axes
from rexpand.report.theme import LIGHT, WIDTH, vega_config

Measure = Literal["effective_rank", "nuclear_norm"]

_RANK_TITLES = {
    "effective_rank": "Effective rank / channels (%)",
    "nuclear_norm": "Nuclear norm",
}


def accuracy_curve(record: Record) -> alt.LayerChart:
    """Held-out accuracy in percent after each epoch."""
    return axes.framed(
        _curve(axes.accuracy_axis()),
        _rows(record),
        f"Accuracy on {record.evaluated_on} after each epoch",
    )


def loss_curve(record: Record) -> alt.LayerChart:
    """Mean training loss of each epoch."""
    description = "Training loss of each epoch"
    return axes.framed(_curve(_loss_axis()), _rows(record), description)


def training_curves(record: Record) -> alt.VConcatChart:
    """Accuracy above, loss below, over the same epochs."""
    panels = [
        _curve(axis).properties(width=WIDTH, height=200)
        for axis in (axes.accuracy_axis(), _loss_axis())
    ]
    return alt.VConcatChart(
        vconcat=panels,
        data=axes.data(_rows(record)),
        description="Accuracy and training loss of each epoch",
        config=vega_config(LIGHT),
    )


def block_rank_curves(record: Record, measure: Measure) -> alt.LayerChart | None:
    """One measure of every block's output after each epoch, a line a block.

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
        x=_epoch_axis(),
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


def _epoch_axis() -> alt.X:
    return alt.X("epoch:Q", title="Epoch", axis=alt.Axis(format="d", tickMinStep=1))


def _rows(record: Record) -> axes.Rows:
    return [
        {"epoch": epoch.epoch + 1, "accuracy": epoch.accuracy, "loss": epoch.loss}
        for epoch in record.epochs
    ]


def _curve(y: alt.Y) -> alt.LayerChart:
    base = alt.Chart().encode(
        x=_epoch_axis(),
        y=y,
        tooltip=[
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip("accuracy:Q", title="Accuracy (%)", format=".2f"),
            alt.Tooltip("loss:Q", title="Training loss", format=".4f"),
        ],
    )
    line = base.mark_line(style="curve")
    points = base.mark_circle(style="curve-point")
    return axes.layers(line, points)


def _loss_axis() -> alt.Y:
    return alt.Y("loss:Q", title="Training loss", axis=alt.Axis(tickCount=6))
