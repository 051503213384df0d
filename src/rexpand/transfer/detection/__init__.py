"""Detectors: what finds objects in images, on any backbone."""

from rexpand.transfer.detection.building import (
    Detector,
    build_detector,
    faster_rcnn,
    mask_rcnn,
    ssdlite,
)

__all__ = [
    "Detector",
    "build_detector",
    "faster_rcnn",
    "mask_rcnn",
    "ssdlite",
]
