"""Detectors: what finds objects in images, on any backbone, and how well it does."""

from rexpand.transfer.detection.average_precision import scores_of
from rexpand.transfer.detection.building import (
    Detector,
    build_detector,
    faster_rcnn,
    mask_rcnn,
    ssdlite,
)
from rexpand.transfer.detection.costing import (
    DetectorCost,
    DetectorPart,
    detector_cost,
    detector_graph,
)
from rexpand.transfer.detection.exported import (
    ExportedDetector,
    open_exported_detector,
)
from rexpand.transfer.detection.exporting import DetectorExport, export_detector
from rexpand.transfer.detection.mistakes import mistakes_of
from rexpand.transfer.detection.prediction import EncodedMask, Prediction
from rexpand.transfer.detection.predictions import predictions_of

__all__ = [
    "Detector",
    "DetectorCost",
    "DetectorExport",
    "DetectorPart",
    "EncodedMask",
    "ExportedDetector",
    "Prediction",
    "build_detector",
    "detector_cost",
    "detector_graph",
    "export_detector",
    "faster_rcnn",
    "mask_rcnn",
    "mistakes_of",
    "open_exported_detector",
    "predictions_of",
    "scores_of",
    "ssdlite",
]
