"""Detectors: what finds objects in images, on any backbone, and how well it does."""

from rexpand.transfer.detection.asked import DetectorAsked, detector_on
from rexpand.transfer.detection.average_precision import scores_of
from rexpand.transfer.detection.building import (
    Detector,
    build_detector,
    faster_rcnn,
    mask_rcnn,
    ssdlite,
)
from rexpand.transfer.detection.checkpoint import (
    SavedDetector,
    load_detector,
    read_detector,
    save_detector,
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
from rexpand.transfer.detection.progress import DetectionProgress
from rexpand.transfer.detection.searching import (
    design_detector_study,
    search_backbones,
)
from rexpand.transfer.detection.training import plan_detector, train_detector

__all__ = [
    "DetectionProgress",
    "Detector",
    "DetectorAsked",
    "DetectorCost",
    "DetectorExport",
    "DetectorPart",
    "EncodedMask",
    "ExportedDetector",
    "Prediction",
    "SavedDetector",
    "build_detector",
    "design_detector_study",
    "detector_cost",
    "detector_graph",
    "detector_on",
    "export_detector",
    "faster_rcnn",
    "load_detector",
    "mask_rcnn",
    "mistakes_of",
    "open_exported_detector",
    "plan_detector",
    "predictions_of",
    "read_detector",
    "save_detector",
    "scores_of",
    "search_backbones",
    "ssdlite",
    "train_detector",
]
