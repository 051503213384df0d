"""What a detector finds: precision against recall, and its course of training."""

from collections.abc import Sequence

import altair as alt

from rexpand.records import DetectionEpoch, DetectionScores
from rexpand.report.charts import axes

_PIECES = 20  # of a precision curve that tell it as well as all 100
_MOST_CLASSES = 12  # that are drawn behind the means
_ALL = {"of": "all classes"}


def precision_recall(scores: DetectionScores) -> alt.LayerChart | None:
    """Mean precision by recall for boxes and masks; few classes each, faint behind.

    None without instances, where there is no precision.
    """
    regions = [("boxes", scores.box), ("masks", scores.mask)]
    means = [
        {"region": name, "overlap": f"overlap {curve.overlap:g}", **_ALL, **point}
        for name, region in regions
        if region is not None
        for curve in region.curves
        for point in _points(curve.precisions)
    ]
    if not means:
        return None
    tooltip = [
        alt.Tooltip("of:N", title="Class"),
        alt.Tooltip("region:N", title="Regions"),
        alt.Tooltip("overlap:N", title="At"),
        alt.Tooltip("recall:Q", title="Recall", format=".2f"),
        alt.Tooltip("precision:Q", title="Precision", format=".3f"),
    ]
    base = alt.Chart().encode(
        x=alt.X(
            "recall:Q",
            title="Recall",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(tickCount=10),
        ),
        y=alt.Y(
            "precision:Q",
            title="Precision",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(tickCount=6),
        ),
        tooltip=tooltip,
    )
    legend = alt.Legend(title=None, orient="top")
    names = list(dict.fromkeys(row["region"] for row in means))
    overlaps = list(dict.fromkeys(row["overlap"] for row in means))
    dashes = alt.Scale(domain=overlaps, range=[[1, 0], [5, 4]])
    mean = base.mark_line(strokeWidth=2.5).encode(
        color=alt.Color("region:N", scale=alt.Scale(domain=names), legend=legend),
        strokeDash=alt.StrokeDash("overlap:N", scale=dashes, legend=legend),
    )
    each = base.mark_line(style="steps", strokeWidth=1, opacity=0.45)
    each = each.encode(detail="of:N")
    each.data = axes.data(_class_rows(scores))
    return axes.framed(
        axes.layers(each, mean), means, "Mean precision of the classes by recall"
    )


def has_class_curves(scores: DetectionScores) -> bool:
    """Whether there are so few classes that each is drawn."""
    return (
        1 < sum(bool(each.precisions) for each in scores.box.classes) <= _MOST_CLASSES
    )


def detection_losses(losses: Sequence[DetectionEpoch]) -> alt.LayerChart:
    """The loss of each epoch and the parts that it is the sum of."""
    rows: axes.Rows = [
        {"epoch": each.epoch + 1, "of": part, "value": value}
        for each in losses
        for part, value in (("sum", each.loss), *each.parts.items())
    ]
    return _course(losses, rows, "Loss", "Training loss and its parts by epoch")


def detection_progress(losses: Sequence[DetectionEpoch]) -> alt.LayerChart | None:
    """Average precision after the epochs that were judged; None if none was."""
    rows: axes.Rows = [
        {"epoch": each.epoch + 1, "of": of, "value": value}
        for each in losses
        for of, value in (("boxes", each.box_ap), ("masks", each.mask_ap))
        if value is not None
    ]
    if not rows:
        return None
    caption = "Average precision on held-out images by epoch"
    return _course(losses, rows, "Average precision", caption)


def _course(
    losses: Sequence[DetectionEpoch], rows: axes.Rows, title: str, caption: str
) -> alt.LayerChart:
    """Values by epoch, a line and a form of its points for each `of`."""
    names = list(dict.fromkeys(row["of"] for row in rows))
    legend = alt.Legend(title=None, orient="top", columns=2)
    scale = alt.Scale(domain=names)
    base = alt.Chart().encode(
        x=_epochs(losses),
        y=alt.Y("value:Q", title=title, axis=alt.Axis(tickCount=6)),
        color=alt.Color("of:N", scale=scale, legend=legend),
        tooltip=[
            alt.Tooltip("epoch:Q", title="Epoch"),
            alt.Tooltip("of:N", title="Of"),
            alt.Tooltip("value:Q", title=title, format=".4f"),
        ],
    )
    points = base.mark_point(filled=True, size=30, opacity=1).encode(
        shape=alt.Shape("of:N", scale=scale, legend=legend)
    )
    lines = axes.layers(base.mark_line(strokeWidth=2), points)
    return axes.framed(lines, rows, caption)


def _epochs(losses: Sequence[DetectionEpoch]) -> alt.X:
    last = max((each.epoch for each in losses), default=0) + 1
    return alt.X(
        "epoch:Q",
        title="Epoch",
        axis=alt.Axis(format="d", tickMinStep=1, tickCount=min(last, 12)),
        scale=alt.Scale(domain=[1, max(last, 2)], nice=False),
    )


def _points(precisions: Sequence[float]) -> axes.Rows:
    last = len(precisions) - 1
    step = max(1, last // _PIECES)
    return [
        {"recall": place / last, "precision": round(precisions[place], 4)}
        for place in range(0, len(precisions), step)
    ]


def _class_rows(scores: DetectionScores) -> axes.Rows:
    if not has_class_curves(scores):
        return []
    return [
        {"region": "boxes", "overlap": "overlap 0.5", "of": name, **point}
        for name, found in zip(scores.class_names, scores.box.classes, strict=True)
        for point in _points(found.precisions)
    ]
