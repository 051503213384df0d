"""A detector as a person asks for it, on a backbone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rexpand.recipe import Change, changed
from rexpand.spec import BackboneNorm, DetectorKind, Feature, SpecLike
from rexpand.transfer.detection.backbone import opened_backbone
from rexpand.transfer.detection.building import (
    Detector,
    build_detector,
    faster_rcnn,
    mask_rcnn,
    ssdlite,
)


@dataclass(frozen=True, kw_only=True)
class DetectorAsked:
    """Which detector; what is None or empty is its own default.

    `resolution` is the side of the images of SSDLite and the shorter side of the others,
    in pixels. `changes` are those of other fields of its architecture.
    """

    detector: DetectorKind
    resolution: int | None = None
    levels: Sequence[str | int] = ()
    feature: Feature | None = None
    norm: BackboneNorm | None = None
    changes: Sequence[Change] = ()


def detector_on(backbone: SpecLike, asked: DetectorAsked, num_classes: int) -> Detector:
    """The detector on a backbone, whose weights it has; the rest of its weights is new.

    Raises SpecError for a change that cannot be, and as `ssdlite` and `faster_rcnn` do.
    """
    detector = _usual(backbone, asked, num_classes)
    if not asked.changes:
        return detector
    architecture = changed(detector.spec.architecture, asked.changes, asked.detector)
    spec = replace(detector.spec, architecture=architecture)
    return build_detector(spec, opened_backbone(backbone).module)


def _usual(backbone: SpecLike, asked: DetectorAsked, num_classes: int) -> Detector:
    if asked.detector == "ssdlite":
        return ssdlite(
            backbone,
            num_classes,
            size=asked.resolution or 320,
            levels=asked.levels,
            feature=asked.feature or "expansion",
            norm=asked.norm or "batch",
        )
    build = faster_rcnn if asked.detector == "faster_rcnn" else mask_rcnn
    return build(
        backbone,
        num_classes,
        shorter_side=asked.resolution or 800,
        levels=asked.levels,
        feature=asked.feature or "block",
        norm=asked.norm,
    )
