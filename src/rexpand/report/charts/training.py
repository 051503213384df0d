"""The course of one training run, epoch by epoch."""

import altair as alt

from rexpand.records import Record
from rexpand.report.charts import axes
from rexpand.report.theme import LIGHT, WIDTH, vega_config


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


def _rows(record: Record) -> axes.Rows:
    return [
        {"epoch": epoch.epoch, "accuracy": epoch.accuracy, "loss": epoch.loss}
        for epoch in record.epochs
    ]


def _curve(y: alt.Y) -> alt.LayerChart:
    base = alt.Chart().encode(
        x=alt.X("epoch:Q", title="Epoch", axis=alt.Axis(format="d", tickMinStep=1)),
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
