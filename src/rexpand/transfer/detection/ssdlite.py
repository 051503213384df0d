"""SSDLite on a backbone (arXiv 1801.04381, 1905.02244), of torchvision's parts."""

from collections import OrderedDict
from collections.abc import Sequence
from functools import partial
from math import sqrt

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.ssd import SSD
from torchvision.models.detection.ssdlite import SSDLiteHead
from torchvision.ops import Conv2dNormActivation

from rexpand.spec import DetectorSpec, SSDLite
from rexpand.transfer.detection.backbone import LevelMaps

# Of torchvision's SSDLite, whose heads see few images per step.
_norm = partial(nn.BatchNorm2d, eps=0.001, momentum=0.03)
_DEVIATION = 0.03  # of new weights
_TENTH = 0.1  # of the image's side: the square anchor of a reduced first map


class SSDLiteMaps(nn.Module):
    """The maps of a backbone, and of extra blocks of which each halves the side."""

    def __init__(self, body: LevelMaps, extra_channels: Sequence[int]) -> None:
        super().__init__()
        self.body = body
        widths = [body.channels[-1], *extra_channels]
        self.extra = nn.ModuleList(map(_extra_block, widths[:-1], widths[1:]))
        _fill(self.extra)
        self.out_channels = [*body.channels, *extra_channels]

    def forward(self, images: Tensor) -> "OrderedDict[str, Tensor]":
        maps = self.body(images)
        for block in self.extra:
            maps[str(len(maps))] = block(maps[str(len(maps) - 1)])
        return maps


class DefaultBoxes(DefaultBoxGenerator):  # type: ignore[misc]  # it has no types
    """torchvision's default boxes; three at each place of the first map where asked for.

    They are TensorFlow's (`reduce_boxes_in_lowest_layer`).
    """

    def __init__(self, architecture: SSDLite, maps: int) -> None:
        smallest = architecture.smallest_anchor
        super().__init__(
            [list(architecture.aspect_ratios)] * maps,
            min_ratio=smallest,
            max_ratio=architecture.largest_anchor,
        )
        if architecture.reduced_first:
            wide, narrow = smallest * sqrt(2), smallest / sqrt(2)
            sides = [(_TENTH, _TENTH), (wide, narrow), (narrow, wide)]
            self._wh_pairs[0] = torch.tensor(sides)

    def num_anchors_per_location(self) -> list[int]:
        return [len(sides) for sides in self._wh_pairs]


def ssdlite_model(spec: DetectorSpec, architecture: SSDLite, body: LevelMaps) -> SSD:
    """torchvision's SSD with separable extra blocks and heads."""
    maps = SSDLiteMaps(body, architecture.extra_channels)
    anchors = DefaultBoxes(architecture, len(maps.out_channels))
    boxes, classes = anchors.num_anchors_per_location(), spec.num_classes + 1
    head = SSDLiteHead(maps.out_channels, boxes, classes, _norm)
    if architecture.last_kernel_size == 1:
        _make_pointwise(head.classification_head.module_list)
        _make_pointwise(head.regression_head.module_list)
    return SSD(
        maps,
        anchors,
        (architecture.size, architecture.size),
        classes,
        image_mean=list(spec.mean),
        image_std=list(spec.std),
        head=head,
        score_thresh=architecture.score_threshold,
        nms_thresh=architecture.nms_threshold,
        detections_per_img=architecture.detections,
        topk_candidates=architecture.candidates,
    )


def _extra_block(in_channels: int, out_channels: int) -> nn.Module:
    """1x1 to half the width, depthwise 3x3 of stride 2, 1x1, all with ReLU6."""
    inner = max(out_channels // 2, 1)
    layer = partial(Conv2dNormActivation, norm_layer=_norm, activation_layer=nn.ReLU6)
    return nn.Sequential(
        layer(in_channels, inner, kernel_size=1),
        layer(inner, inner, kernel_size=3, stride=2, groups=inner),
        layer(inner, out_channels, kernel_size=1),
    )


def _make_pointwise(heads: nn.ModuleList) -> None:
    """Leave the depthwise convolution of the deepest map's head out."""
    *_, pointwise = heads[-1].children()
    heads[-1] = pointwise


def _fill(module: nn.Module) -> None:
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.normal_(layer.weight, std=_DEVIATION)
