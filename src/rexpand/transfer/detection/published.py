"""What the ReXNet paper prints of detectors: Tables 6, 7 and 9 of arXiv 2007.00992.

Its input of 1200x800 is said of the two on regions. The counts are those of images of
1280x800 (docs/fidelity.md), and those of Mask R-CNN are without masks.
"""

from dataclasses import dataclass

from rexpand.spec import DetectorKind


@dataclass(frozen=True, kw_only=True)
class PrintedDetector:
    """A row: params and macs are texts, with the digits that are printed.

    `classes` are those with which the params of most rows of its source are ours: COCO's
    80, or the 90 of its category numbers.
    """

    detector: DetectorKind
    backbone: str
    params: str
    macs: str
    source: str
    classes: int = 80


def _row(
    detector: DetectorKind,
    source: str,
    backbone: str,
    params: str,
    macs: str,
    classes: int = 80,
) -> PrintedDetector:
    return PrintedDetector(
        detector=detector,
        backbone=backbone,
        params=params,
        macs=macs,
        source=source,
        classes=classes,
    )


_OTHERS = "Table 6, from the literature"  # the last two of the MobileNetV3 paper

PRINTED_DETECTORS = (
    _row("ssdlite", _OTHERS, "mobilenetv1_100", "5.1M", "1.31B"),
    _row("ssdlite", _OTHERS, "mobilenetv2_100", "4.3M", "0.79B"),
    _row("ssdlite", _OTHERS, "mobilenetv3_large_100", "5.0M", "0.62B", classes=90),
    _row("ssdlite", _OTHERS, "mnasnet_a1", "4.9M", "0.84B", classes=90),
    _row("ssdlite", "Table 6", "efficientnet_b0", "6.2M", "0.97B"),
    _row("ssdlite", "Table 6", "efficientnet_b1", "8.7M", "1.35B"),
    _row("ssdlite", "Table 6", "efficientnet_b2", "10.0M", "1.55B"),
    _row("ssdlite", "Table 6", "rexnet_090", "5.0M", "0.88B"),
    _row("ssdlite", "Table 6", "rexnet_100", "5.7M", "1.01B"),
    _row("ssdlite", "Table 6", "rexnet_130", "8.4M", "1.60B"),
    _row("faster_rcnn", "Table 7", "efficientnet_b0", "21.0M", "123.0B"),
    _row("faster_rcnn", "Table 7", "rexnet_090", "20.1M", "123.0B"),
    _row("faster_rcnn", "Table 7", "resnet50", "41.8M", "202.2B"),
    _row("faster_rcnn", "Table 7", "rexnet_220", "33.0M", "153.8B"),
    _row("faster_rcnn", "README", "rexnet_100", "20.7M", "124.1B"),
    _row("faster_rcnn", "README", "fbnetc_100", "21.4M", "119.0B"),
    _row("faster_rcnn", "README", "resnext101_32x4d", "60.4M", "272.4B"),
    _row("mask_rcnn", "Table 9", "efficientnet_b0", "23.7M", "123.0B", classes=90),
    _row("mask_rcnn", "Table 9", "rexnet_090", "22.8M", "123.0B", classes=90),
    _row("mask_rcnn", "Table 9", "resnet50", "44.2M", "206.5B", classes=90),
    _row("mask_rcnn", "Table 9", "rexnet_220", "35.6M", "153.8B", classes=90),
    _row("mask_rcnn", "README", "rexnet_100", "23.3M", "124.1B", classes=90),
)
