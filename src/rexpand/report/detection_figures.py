"""The figures of a detector with their words."""

from rexpand.report.detection_mistakes import detection_confusion
from rexpand.report.detection_result import DetectionResult
from rexpand.report.figures import Figure


def detection_figures(result: DetectionResult) -> tuple[Figure, ...]:
    """Precision by recall, the course of training if it is known, and the confusion."""
    return (
        *_precision(result),
        *_training(result),
        *([detection_confusion(result.scores)] if result.scores.confusions else ()),
    )


def _precision(result: DetectionResult) -> tuple[Figure, ...]:
    from rexpand.report import charts

    chart = charts.precision_recall(result.scores)
    if chart is None:
        return ()
    faint = (
        " Faint: the boxes of each class at an overlap of half."
        if charts.has_class_curves(result.scores)
        else ""
    )
    return (
        Figure(
            name="precision_recall",
            title="Precision by recall",
            caption=(
                "The mean of the classes, as COCO has it: the highest precision at this "
                f"recall or a larger one.{faint}"
            ),
            spec=chart.to_dict(),
            is_wide=not result.losses,
        ),
    )


def _training(result: DetectionResult) -> tuple[Figure, ...]:
    from rexpand.report import charts

    if not result.losses:
        return ()
    losses = Figure(
        name="losses",
        title="Loss",
        caption="The training loss of each epoch, and the parts that it is the sum of.",
        spec=charts.detection_losses(result.losses).to_dict(),
        is_wide=False,
    )
    chart = charts.detection_progress(result.losses)
    if chart is None:
        return (losses,)
    progress = Figure(
        name="average_precision",
        title="Average precision",
        caption="On the held-out images, after the epochs at which they were judged.",
        spec=chart.to_dict(),
        is_wide=False,
    )
    return (losses, progress)
