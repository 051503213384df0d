"""Detectors on any backbone: SSDLite, Faster R-CNN, Mask R-CNN."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.blocks import freeze_norms
from rexpand.errors import ForeignCodeError
from rexpand.spec import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    BackboneNorm,
    DetectorKind,
    DetectorSpec,
    FasterRCNN,
    Feature,
    FeatureLevel,
    ForeignBackbone,
    ImageContract,
    MaskRCNN,
    Source,
    SSDLite,
)
from rexpand.trace import trace
from rexpand.transfer.detection.backbone import (
    Backbone,
    BackboneLike,
    LevelMaps,
    level_maps,
    opened_backbone,
    rebuilt_module,
)
from rexpand.transfer.detection.coordinates import keep_coordinates
from rexpand.transfer.detection.offered import levels_for_boxes, levels_for_pyramid
from rexpand.transfer.detection.region_cnn import (
    USUAL_SIDE,
    region_model,
    usual_anchors,
)
from rexpand.transfer.detection.ssdlite import ssdlite_model

COCO_CLASSES = 80
Target = dict[str, Tensor]
Values = tuple[float, ...]


class Detector(nn.Module):
    """A detector with the interface of torchvision's, and what it is as data.

    Takes a list of images of any size, (channels, height, width) in 0 to 1; it resizes
    and normalises them itself. In training it also takes `targets`, one dict for each
    image with `boxes` (n, 4) in pixels, `labels` from 1 and, for Mask R-CNN, `masks`
    (n, height, width), and gives the losses by name. In evaluation it gives a dict for
    each image with `boxes`, `labels`, `scores` and, for Mask R-CNN, `masks` (n, 1,
    height, width) of probabilities. `model` is made of torchvision's modules.
    """

    def __init__(self, spec: DetectorSpec, model: nn.Module) -> None:
        super().__init__()
        self.spec = spec
        self.model = model

    def forward(
        self, images: Sequence[Tensor], targets: Sequence[Target] | None = None
    ) -> Any:
        return self.model(list(images), None if targets is None else list(targets))


def ssdlite(
    backbone: BackboneLike,
    num_classes: int = COCO_CLASSES,
    *,
    size: int = 320,
    levels: Sequence[str | int] = (),
    feature: Feature = "expansion",
    extra_channels: Sequence[int] = (512, 256, 256, 128),
    reduced_first: bool = False,
    last_kernel_size: int = 3,
    norm: BackboneNorm = "batch",
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Detector:
    """SSDLite on a backbone, with the backbone's weights where it has any.

        detector = ssdlite("rexnet_100", num_classes=12)
        losses = detector([image], [{"boxes": boxes, "labels": labels}])

    A name, a spec, a source (`mobilenetv2_100@FILE`, `timm:resnet18`) or a module. The
    levels are names or strides; `feature` takes the map of a stride after the expansion
    of the block that leaves it, where there is one, or after the last block. Mean and
    standard deviation are those of the weights, or ImageNet's. Raises UnknownNameError
    for a level that the backbone does not have, SpecError for images smaller than the
    deepest stride, ForeignCodeError for a module that does not run on images of this
    size, and as `open_source` does.
    """
    opened = opened_backbone(backbone)
    architecture = SSDLite(
        size=size,
        extra_channels=tuple(extra_channels),
        reduced_first=reduced_first,
        last_kernel_size=last_kernel_size,  # type: ignore[arg-type]  # it is checked
    )
    chosen = levels_for_boxes(opened.offered, levels, feature)
    return _built_on(opened, architecture, chosen, num_classes, norm, mean, std)


def faster_rcnn(
    backbone: BackboneLike,
    num_classes: int = COCO_CLASSES,
    *,
    shorter_side: int = USUAL_SIDE,
    longest_side: int | None = None,
    levels: Sequence[str | int] = (),
    feature: Feature = "block",
    fpn_width: int = 256,
    box_width: int = 1024,
    anchor_sizes: Sequence[float] = (),
    norm: BackboneNorm | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Detector:
    """Faster R-CNN with a feature pyramid on a backbone, with the backbone's weights.

        detector = faster_rcnn("timm:resnet18", num_classes=12, shorter_side=256)

    Backbone, levels and what is raised are as for `ssdlite`. The longest side is
    five thirds of the shorter one, as 1333 is of 800, and anchors are in proportion to
    it too. Without `norm` the backbone's batch norms are frozen if it has weights.
    """
    opened = opened_backbone(backbone)
    chosen = levels_for_pyramid(opened.offered, levels, feature)
    architecture = FasterRCNN(
        shorter_side=shorter_side,
        longest_side=longest_side or _longest(shorter_side),
        fpn_width=fpn_width,
        box_width=box_width,
        anchor_sizes=tuple(anchor_sizes) or usual_anchors(chosen, shorter_side),
    )
    norm = norm or _usual_norm(opened)
    return _built_on(opened, architecture, chosen, num_classes, norm, mean, std)


def mask_rcnn(
    backbone: BackboneLike,
    num_classes: int = COCO_CLASSES,
    *,
    shorter_side: int = USUAL_SIDE,
    longest_side: int | None = None,
    levels: Sequence[str | int] = (),
    feature: Feature = "block",
    fpn_width: int = 256,
    box_width: int = 1024,
    mask_width: int = 256,
    anchor_sizes: Sequence[float] = (),
    norm: BackboneNorm | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
) -> Detector:
    """Mask R-CNN: `faster_rcnn` with a mask for each box."""
    opened = opened_backbone(backbone)
    chosen = levels_for_pyramid(opened.offered, levels, feature)
    architecture = MaskRCNN(
        shorter_side=shorter_side,
        longest_side=longest_side or _longest(shorter_side),
        fpn_width=fpn_width,
        box_width=box_width,
        mask_width=mask_width,
        anchor_sizes=tuple(anchor_sizes) or usual_anchors(chosen, shorter_side),
    )
    norm = norm or _usual_norm(opened)
    return _built_on(opened, architecture, chosen, num_classes, norm, mean, std)


def weightless_spec(
    kind: DetectorKind, source: Source, resolution: int | None = None
) -> DetectorSpec:
    """A detector on a network whose weights are not read, for 80 classes.

    The resolution is the side of SSDLite's images, or the shorter side of the others'.
    Raises as `ssdlite`.
    """
    bare = replace(source, weights=None)
    try:
        with torch.device("meta"):
            return _usual(kind, bare, resolution)
    except ForeignCodeError:  # a foreign constructor may need values
        return _usual(kind, bare, resolution)


def _usual(kind: DetectorKind, source: Source, resolution: int | None) -> DetectorSpec:
    match kind:
        case "ssdlite":
            return ssdlite(source, size=resolution or SSDLite().size).spec
        case "faster_rcnn":
            return faster_rcnn(source, shorter_side=resolution or USUAL_SIDE).spec
        case "mask_rcnn":
            return mask_rcnn(source, shorter_side=resolution or USUAL_SIDE).spec


def build_detector(spec: DetectorSpec, backbone: nn.Module | None = None) -> Detector:
    """The detector that a spec describes, with new weights; on `meta` inside `torch.device`.

    A `backbone` that was given as a module must be given again. Raises SpecError for
    one that cannot be built from its name or does not have the maps of the spec.
    """
    module = rebuilt_module(spec) if backbone is None else backbone
    return _assembled(spec, module)


def _built_on(
    opened: Backbone,
    architecture: SSDLite | FasterRCNN | MaskRCNN,
    levels: tuple[FeatureLevel, ...],
    num_classes: int,
    norm: BackboneNorm,
    mean: Sequence[float] | None,
    std: Sequence[float] | None,
) -> Detector:
    given_mean, given_std = _normalisation(opened.contract)
    spec = DetectorSpec(
        architecture=architecture,
        backbone=opened.described,
        levels=levels,
        num_classes=num_classes,
        norm=norm,
        mean=given_mean if mean is None else tuple(mean),
        std=given_std if std is None else tuple(std),
        padding=opened.contract.padding,
    )
    return _assembled(spec, opened.module)


def _normalisation(contract: ImageContract) -> tuple[Values, Values]:
    """Mean and standard deviation of the weights, or ImageNet's for three channels."""
    if contract.mean is not None and contract.std is not None:
        return contract.mean, contract.std
    if contract.channels == len(IMAGENET_MEAN):
        return IMAGENET_MEAN, IMAGENET_STD
    return (0.5,) * contract.channels, (0.5,) * contract.channels


def _longest(shorter_side: int) -> int:
    return shorter_side * 5 // 3


def _usual_norm(opened: Backbone) -> BackboneNorm:
    """New statistics are no reason to freeze them."""
    return "frozen" if opened.has_weights else "batch"


def _assembled(spec: DetectorSpec, module: nn.Module) -> Detector:
    body = level_maps(module, spec.levels)
    if isinstance(spec.backbone, ForeignBackbone):
        _check_takes(spec.backbone, body, spec)
    if spec.norm == "frozen":
        freeze_norms(body)
    model = _model(spec, body)
    keep_coordinates(model)
    # As `build` lays out the weights: a CPU reads them so.
    return Detector(spec, model).to(memory_format=torch.channels_last)


def _check_takes(
    backbone: ForeignBackbone, body: LevelMaps, spec: DetectorSpec
) -> None:
    """Raise ForeignCodeError unless a module takes images of the detector's size."""
    side = spec.architecture.least_side
    try:
        trace(body, (spec.in_channels, side, side))
    except ForeignCodeError as error:
        raise ForeignCodeError(
            f"{backbone.name} does not take images of {side} pixels",
            error.said,
            "give a size that it takes, or a convolutional network",
        ) from error


def _model(spec: DetectorSpec, body: LevelMaps) -> nn.Module:
    match spec.architecture:
        case SSDLite():
            model: nn.Module = ssdlite_model(spec, spec.architecture, body)
        case FasterRCNN() | MaskRCNN():
            model = region_model(spec, spec.architecture, body)
    return model
