"""What a detector costs for one image, part by part.

Macs are those of convolutions, transposed ones and linear layers, as everywhere in the
project. Boxes are priced for a number of proposals, and masks for a number of boxes:
both are computed for each. Non-maximum suppression and the cutting out of maps have no
macs.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.cost import Cost
from rexpand.cost.graph import Graph
from rexpand.errors import ForeignCodeError
from rexpand.spec import DetectorKind, DetectorSpec, MaskRCNN, SSDLite
from rexpand.trace import trace
from rexpand.transfer.detection.building import Detector, build_detector
from rexpand.transfer.detection.region_cnn import BOX_POOL, MASK_POOL


@dataclass(frozen=True, kw_only=True)
class DetectorPart:
    """A part of a detector: `backbone`, `extra`, `heads`, `pyramid`, ..., its cost."""

    name: str
    cost: Cost


@dataclass(frozen=True, kw_only=True)
class DetectorCost:
    """The cost of a detector for one image of `height` x `width` pixels.

    `proposals` and `masks` are how many boxes and masks were priced; 0 for SSDLite,
    whose boxes are all computed.
    """

    height: int
    width: int
    proposals: int
    masks: int
    parts: tuple[DetectorPart, ...]

    @property
    def total(self) -> Cost:
        """Params and macs of all parts."""
        return sum((part.cost for part in self.parts), Cost())


def detector_cost(
    spec: DetectorSpec,
    *,
    height: int | None = None,
    width: int | None = None,
    proposals: int | None = None,
    masks: int | None = None,
) -> DetectorCost:
    """The cost of a detector, without weights, for one image as the backbone sees it.

        detector_cost(faster_rcnn("rexnet_100").spec, height=800, width=1280).total.macs

    Without a size it is SSDLite's own, or an image of `shorter_side` x `longest_side`.
    Without a number, `proposals` are those that the detector keeps, and `masks` the
    detections of Mask R-CNN. Raises SpecError for a backbone that was given as a module.
    """
    priced = _priced(spec, height, width, proposals, masks)
    seen = _traced(spec, priced)
    parts = _PARTS[spec.detector]
    return DetectorCost(
        height=priced.height,
        width=priced.width,
        proposals=priced.proposals,
        masks=priced.masks,
        parts=tuple(_part(name, inside, seen) for name, inside in parts.items()),
    )


def detector_graph(
    spec: DetectorSpec,
    *,
    height: int | None = None,
    width: int | None = None,
    proposals: int | None = None,
    masks: int | None = None,
) -> Graph:
    """Every operator that `detector_cost` counts, for the conventions of others."""
    return _traced(spec, _priced(spec, height, width, proposals, masks))


@dataclass(frozen=True, kw_only=True)
class _Example:
    """What is priced: one image, and how many boxes and masks."""

    height: int
    width: int
    proposals: int
    masks: int


def _priced(
    spec: DetectorSpec,
    height: int | None,
    width: int | None,
    proposals: int | None,
    masks: int | None,
) -> _Example:
    """What was asked for, and what the detector says for the rest."""
    architecture = spec.architecture
    if isinstance(architecture, SSDLite):
        side = architecture.size
        return _Example(
            height=height or side, width=width or side, proposals=0, masks=0
        )
    usual = architecture.detections if isinstance(architecture, MaskRCNN) else 0
    return _Example(
        height=height or architecture.shorter_side,
        width=width or architecture.longest_side,
        proposals=architecture.proposals if proposals is None else proposals,
        masks=masks if usual and masks is not None else usual,
    )


def _traced(spec: DetectorSpec, example: _Example) -> Graph:
    try:
        with torch.device("meta"):
            detector = build_detector(spec)
    except ForeignCodeError:  # a foreign constructor may need values
        detector = build_detector(spec)
    images = torch.zeros(
        1, spec.in_channels, example.height, example.width, device="meta"
    )
    return trace(_Layers(detector.eval(), example), inputs=(images,))


class _Layers(nn.Module):
    """The layers of a detector that have macs, without what lies between them."""

    def __init__(self, detector: Detector, example: _Example) -> None:
        super().__init__()
        self.model: Any = detector.model
        self.architecture = detector.spec.architecture
        self.example = example

    def forward(self, images: Tensor) -> list[Tensor]:
        maps = [*self.model.backbone(images).values()]
        if isinstance(self.architecture, SSDLite):
            return [*self.model.head(maps).values()]
        heads, width = self.model.roi_heads, maps[0].shape[1]
        objectness, _ = self.model.rpn.head(maps)
        found = [*objectness]
        if boxes := self.example.proposals:
            cut = maps[0].new_zeros(boxes, width, BOX_POOL, BOX_POOL)
            found += heads.box_predictor(heads.box_head(cut))
        if masks := self.example.masks:
            cut = maps[0].new_zeros(masks, width, MASK_POOL, MASK_POOL)
            found.append(heads.mask_predictor(heads.mask_head(cut)))
        return found


_REGIONS = {
    "backbone": ("model.backbone.body",),
    "pyramid": ("model.backbone.fpn",),
    "proposals": ("model.rpn",),
    "boxes": ("model.roi_heads.box_head", "model.roi_heads.box_predictor"),
}
_MASKS = ("model.roi_heads.mask_head", "model.roi_heads.mask_predictor")
_PARTS: dict[DetectorKind, dict[str, tuple[str, ...]]] = {
    "ssdlite": {
        "backbone": ("model.backbone.body",),
        "extra": ("model.backbone.extra",),
        "heads": ("model.head",),
    },
    "faster_rcnn": _REGIONS,
    "mask_rcnn": {**_REGIONS, "masks": _MASKS},
}


def _part(name: str, inside: tuple[str, ...], seen: Graph) -> DetectorPart:
    """The modules of a part together."""
    costs = (node.cost for node in seen.tree.walk() if node.name in inside)
    return DetectorPart(name=name, cost=sum(costs, Cost()))
