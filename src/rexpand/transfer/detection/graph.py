"""A detector's graph: what it takes, what it gives under which names, what it says.

Both forms give `boxes` (x_min, y_min, x_max, y_max) and `scores`, those with a row per
detection `labels` too, from 0: places in `class_names`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torch import nn
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.ssd import SSD

from rexpand.codec import to_line
from rexpand.documents import from_text, naming
from rexpand.errors import CheckpointError
from rexpand.spec import DetectorKind
from rexpand.transfer.detection.building import Detector
from rexpand.transfer.detection.rcnn_graph import RcnnBoxes, RcnnDetections, rcnn_rule
from rexpand.transfer.detection.ssd_graph import SsdBoxes, SsdDetections, ssd_rule
from rexpand.transfer.detection.suppression import Suppression

Axes = Mapping[int, str]

DETECTOR_TEXT = "detector"  # what a file calls its properties
_IMAGES = "float32 RGB from 0 to 1; normalisation and resizing are inside"
_CORNERS = "x_min, y_min, x_max, y_max in pixels of the image given"
_LABELS = "places in class_names, from 0"


@dataclass(frozen=True, kw_only=True)
class DetectorProperties:
    """What an exported detector says of itself.

    `suppression` is done inside of the graph, or it is what the detector does behind
    it, where `has_suppression` is false.
    """

    detector: DetectorKind
    network: str
    class_names: tuple[str, ...]
    has_suppression: bool
    suppression: Suppression


@dataclass(frozen=True, kw_only=True)
class DetectorGraph:
    """The form of a graph: the axes that may have any size, and what the outputs are."""

    most_images: int | None
    inputs: Axes
    outputs: Mapping[str, Axes]
    said: Mapping[str, str]


def module_of(detector: Detector, *, with_nms: bool) -> nn.Module:
    """The detector as a module of one tensor of images, whose weights it shares."""
    model = detector.model
    if isinstance(model, SSD):
        return SsdDetections(model) if with_nms else SsdBoxes(model)
    assert isinstance(model, GeneralizedRCNN)
    return RcnnDetections(model) if with_nms else RcnnBoxes(model)


def rule_of(detector: Detector) -> Suppression:
    """How the detector suppresses."""
    model = detector.model
    return ssd_rule(model) if isinstance(model, SSD) else rcnn_rule(model)


def graph_of(kind: DetectorKind, *, with_nms: bool) -> DetectorGraph:
    """The form of a detector's graph."""
    return _GRAPHS[kind, with_nms]


def to_texts(properties: DetectorProperties) -> dict[str, str]:
    """The properties of the file: for programs as one value, and for readers."""
    graph = graph_of(properties.detector, with_nms=properties.has_suppression)
    count = "one" if graph.most_images == 1 else "any number"
    return {
        DETECTOR_TEXT: to_line(properties),
        "class_names": json.dumps(properties.class_names),
        "nms": "inside" if properties.has_suppression else "outside",
        "input": f"images (images, channels, height, width), {count}: {_IMAGES}",
        **{f"output_{name}": said for name, said in graph.said.items()},
    }


def from_texts(texts: Mapping[str, str], origin: str) -> DetectorProperties:
    """The properties that a file holds; CheckpointError, naming it, for none."""
    if DETECTOR_TEXT not in texts:
        raise CheckpointError(
            f"{origin} does not say that it is a detector; give a file of `rexpand "
            "detect export`"
        )
    with naming(f"{origin}, its property '{DETECTOR_TEXT}'", CheckpointError):
        return from_text(DetectorProperties, texts[DETECTOR_TEXT])


_SIDES: Axes = MappingProxyType({2: "height", 3: "width"})
_SEVERAL: Axes = MappingProxyType({0: "images", **_SIDES})
_BATCH: Axes = MappingProxyType({0: "images"})
_ROWS: Axes = MappingProxyType({1: "detections"})
_PAIRS: Axes = MappingProxyType({1: "pairs"})


def _graph(
    most_images: int | None, outputs: Mapping[str, tuple[Axes, str]]
) -> DetectorGraph:
    return DetectorGraph(
        most_images=most_images,
        inputs=_SEVERAL if most_images is None else _SIDES,
        outputs={name: axes for name, (axes, _) in outputs.items()},
        said={name: said for name, (_, said) in outputs.items()},
    )


def _rows(axes: Axes, rows: str, order: str) -> dict[str, tuple[Axes, str]]:
    return {
        "boxes": (axes, f"(images, {rows}, 4): {_CORNERS}{order}"),
        "labels": (axes, f"(images, {rows}): {_LABELS}"),
        "scores": (axes, f"(images, {rows}): probability"),
    }


_DETECTIONS = _rows(_ROWS, "detections", "; the best first")
_CANDIDATES = _rows(
    _PAIRS, "pairs", "; every pair of a proposal and a class above the score threshold"
)
_GRAPHS: Mapping[tuple[DetectorKind, bool], DetectorGraph] = MappingProxyType(
    {
        ("ssdlite", True): _graph(
            None,
            _rows(
                _BATCH,
                "detections",
                "; the best first; rows of the score 0 and the label -1 are none",
            ),
        ),
        ("ssdlite", False): _graph(
            None,
            {
                "boxes": (_BATCH, f"(images, anchors, 4): {_CORNERS}"),
                "scores": (
                    _BATCH,
                    "(images, anchors, classes): probability of each of class_names",
                ),
            },
        ),
        ("faster_rcnn", True): _graph(1, _DETECTIONS),
        ("faster_rcnn", False): _graph(1, _CANDIDATES),
        ("mask_rcnn", True): _graph(
            1,
            _DETECTIONS
            | {
                "masks": (
                    MappingProxyType({**_ROWS, **_SIDES}),
                    "(images, detections, height, width): probability",
                )
            },
        ),
        ("mask_rcnn", False): _graph(
            1,
            _CANDIDATES
            | {
                "masks": (
                    _PAIRS,
                    "(images, pairs, 28, 28): probability, each within its box",
                )
            },
        ),
    }
)
