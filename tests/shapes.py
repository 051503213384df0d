"""Squares and discs with masks, and a network that finds them in little time."""

from pathlib import Path

from annotated import write_coco
from rexpand.data.detection import DetectionData, load_detection
from rexpand.recipe import SGD, Change, Constant, DetectionRecipe
from rexpand.spec import Head, InvertedBottleneck, NetworkSpec, Stem
from rexpand.transfer.detection import Detector, DetectorAsked, detector_on

SIDE = 64  # pixels

# Strides 2, 4, 8 and 16.
SPEC = NetworkSpec(
    name="small",
    family="small",
    stem=Stem(out_channels=16, stride=2),
    blocks=tuple(
        InvertedBottleneck(out_channels=width, stride=2, expand_ratio=3.0)
        for width in (24, 32, 48)
    ),
    head=Head(channels=0),
    resolution=SIDE,
    in_channels=3,
    num_classes=2,
)
_NARROW = ("fpn_width=32", "box_width=64", "sampled_proposals=32", "proposals=50")
CHANGES = {
    "ssdlite": ("extra_channels=[32]",),
    "faster_rcnn": _NARROW,
    "mask_rcnn": (*_NARROW, "mask_width=32"),
}
SHORT = DetectionRecipe(
    epochs=2,
    batch_size=4,
    optimizer=SGD(learning_rate=0.01),
    schedule=Constant(warmup_epochs=0.5),
)


def shapes(folder: Path, train: int = 8, val: int = 3) -> DetectionData:
    """Images of 64 x 64 pixels, each with a square and a disc."""
    write_coco(folder, {"train": train, "val": val}, height=SIDE, width=SIDE)
    return load_detection(folder)


def small_detector(name: str, resolution: int = SIDE) -> Detector:
    """A detector of two classes; its weights come from torch's generator."""
    changes = [Change.parse(text) for text in CHANGES[name]]
    asked = DetectorAsked(detector=name, resolution=resolution, changes=changes)  # type: ignore[arg-type]
    return detector_on(SPEC, asked, 2)
