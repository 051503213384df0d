"""What a printed detector costs by our count, for the image that its table counts."""

import torch

from rexpand.spec import DetectorSpec
from rexpand.transfer.detection.building import faster_rcnn, mask_rcnn, ssdlite
from rexpand.transfer.detection.costing import DetectorCost, detector_cost
from rexpand.transfer.detection.published import PrintedDetector

_HEIGHT, _WIDTH = 800, 1280  # of the images that the printed counts are of


def _spec(row: PrintedDetector) -> DetectorSpec:
    """The detector of a printed row."""
    with torch.device("meta"):
        match row.detector:
            case "ssdlite":
                return ssdlite(row.backbone, row.classes, reduced_first=True).spec
            case "faster_rcnn":
                return faster_rcnn(row.backbone, row.classes).spec
            case "mask_rcnn":
                return mask_rcnn(row.backbone, row.classes).spec


def cost_of_printed(row: PrintedDetector) -> DetectorCost:
    """Its cost for the image that its table counts; no masks."""
    if row.detector == "ssdlite":
        return detector_cost(_spec(row))
    return detector_cost(_spec(row), height=_HEIGHT, width=_WIDTH, masks=0)
