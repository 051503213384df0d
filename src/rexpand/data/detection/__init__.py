"""Annotated images to train and judge detectors by: COCO, Pascal VOC, LabelMe.

from rexpand.data.detection import load_detection
data = load_detection("FOLDER")
for images, targets in data.train.batches(batch_size=8, device=device, seed=0):
    losses = detector(images, targets)
"""

from rexpand.data.detection.check import (
    DetectionReport,
    check_detection,
    is_detection,
)
from rexpand.data.detection.dataset import DetectionData, judged_within
from rexpand.data.detection.defects import Defect, OnDefect
from rexpand.data.detection.instances import (
    AnnotatedImage,
    Instance,
    Mask,
    Polygons,
    RunLengths,
)
from rexpand.data.detection.load import load_annotated, load_detection
from rexpand.data.detection.split import DetectionSplit

__all__ = [
    "AnnotatedImage",
    "Defect",
    "DetectionData",
    "DetectionReport",
    "DetectionSplit",
    "Instance",
    "Mask",
    "OnDefect",
    "Polygons",
    "RunLengths",
    "check_detection",
    "is_detection",
    "judged_within",
    "load_annotated",
    "load_detection",
]
