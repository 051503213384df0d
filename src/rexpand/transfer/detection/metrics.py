"""What the metric files and the trackers are told of the training of a detector."""

from dataclasses import dataclass
from pathlib import Path

from rexpand.codec import to_content, to_line
from rexpand.records import DetectionEpoch
from rexpand.train.metric_rows import EpochRow, Rows
from rexpand.train.tracking import Description, Trackable, flat
from rexpand.transfer.detection.design import detection_folder


@dataclass(frozen=True, kw_only=True)
class DetectorRow(EpochRow):
    """An epoch of a detector; average precisions are None where it was not judged."""

    loss: float
    box_ap: float | None
    box_ap50: float | None
    mask_ap: float | None
    learning_rate: float
    images_per_second: float
    seconds: float


def _row(epoch: DetectionEpoch) -> DetectorRow:
    return DetectorRow(
        epoch=epoch.epoch + 1,
        loss=epoch.loss,
        box_ap=epoch.box_ap,
        box_ap50=epoch.box_ap50,
        mask_ap=epoch.mask_ap,
        learning_rate=epoch.learning_rate,
        images_per_second=epoch.images_per_second,
        seconds=epoch.seconds,
    )


def _described(folder: Path) -> Description:
    design = detection_folder(folder).read()
    spec = design.spec
    return Description(
        title=f"{spec.detector} on {spec.backbone.name} {design.data} seed {design.seed}",
        config={
            "detector": spec.detector,
            "network": spec.backbone.name,
            "data": design.data,
            "images": design.images,
            "seed": design.seed,
            "started_from": design.started_from,
            **flat(to_content(design.recipe), "recipe."),
            "spec": to_line(spec),
        },
    )


DETECTOR_ROWS = Rows[DetectionEpoch](
    kind=DetectorRow,
    row_of=_row,
    curves=lambda epoch: {"loss": epoch.parts},
)
DETECTOR_TRAINING = Trackable[DetectionEpoch](described=_described, rows=DETECTOR_ROWS)
