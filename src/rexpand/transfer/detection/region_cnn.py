"""Faster and Mask R-CNN on a feature pyramid, of torchvision's parts."""

from collections import OrderedDict

from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN as TorchvisionFasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads, MaskRCNNPredictor
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool

from rexpand.spec import DetectorSpec, FasterRCNN, FeatureLevel, MaskRCNN
from rexpand.transfer.detection.backbone import LevelMaps

_ANCHOR = 8  # sides of an anchor in strides, for a shorter side of 800 (1612.03144)
USUAL_SIDE = 800
_SCALE = 224  # side of the boxes that are pooled from stride 16, for anchors of 8
BOX_POOL, MASK_POOL = 7, 14  # pixels
_MASK_LAYERS = 4
_DIVISIBLE = 32  # batches are padded to multiples, as torchvision does


class Pyramid(nn.Module):
    """The maps of a backbone under a feature pyramid, and one more by subsampling."""

    def __init__(self, body: LevelMaps, width: int) -> None:
        super().__init__()
        self.body = body
        self.fpn = FeaturePyramidNetwork(body.channels, width, LastLevelMaxPool())
        self.out_channels = width

    def forward(self, images: Tensor) -> "OrderedDict[str, Tensor]":
        return self.fpn(self.body(images))


def usual_anchors(
    levels: tuple[FeatureLevel, ...], shorter_side: int
) -> tuple[float, ...]:
    """Eight strides on images of 800 pixels, and in proportion on others."""
    strides = [level.stride for level in levels]
    scale = _ANCHOR * shorter_side / USUAL_SIDE
    return tuple(scale * stride for stride in (*strides, 2 * strides[-1]))


def region_model(
    spec: DetectorSpec, architecture: FasterRCNN | MaskRCNN, body: LevelMaps
) -> TorchvisionFasterRCNN:
    """torchvision's Faster R-CNN, with the parts for masks where they are asked for."""
    classes, width = spec.num_classes + 1, architecture.box_width
    sizes = tuple((size,) for size in architecture.anchor_sizes)
    model = TorchvisionFasterRCNN(
        Pyramid(body, architecture.fpn_width),
        min_size=architecture.shorter_side,
        max_size=architecture.longest_side,
        image_mean=list(spec.mean),
        image_std=list(spec.std),
        size_divisible=max(_DIVISIBLE, spec.deepest_stride),
        rpn_anchor_generator=AnchorGenerator(
            sizes, (architecture.aspect_ratios,) * len(sizes)
        ),
        rpn_pre_nms_top_n_train=architecture.training_proposals,
        rpn_pre_nms_top_n_test=architecture.proposals,
        rpn_post_nms_top_n_train=architecture.training_proposals,
        rpn_post_nms_top_n_test=architecture.proposals,
        box_roi_pool=_pooled(spec, architecture, BOX_POOL),
        box_head=TwoMLPHead(architecture.fpn_width * BOX_POOL**2, width),
        box_predictor=FastRCNNPredictor(width, classes),
        box_score_thresh=architecture.score_threshold,
        box_nms_thresh=architecture.nms_threshold,
        box_detections_per_img=architecture.detections,
        box_batch_size_per_image=architecture.sampled_proposals,
    )
    if isinstance(architecture, MaskRCNN):
        inner = architecture.mask_width
        heads = model.roi_heads
        heads.mask_roi_pool = _pooled(spec, architecture, MASK_POOL)
        heads.mask_head = MaskRCNNHeads(
            architecture.fpn_width, (inner,) * _MASK_LAYERS, 1
        )
        heads.mask_predictor = MaskRCNNPredictor(inner, inner, classes)
    return model


def _pooled(
    spec: DetectorSpec, architecture: FasterRCNN | MaskRCNN, side: int
) -> MultiScaleRoIAlign:
    """The cut out of the level that fits a box: larger boxes of deeper maps."""
    anchor = architecture.anchor_sizes[0] / (_ANCHOR * spec.levels[0].stride)
    return MultiScaleRoIAlign(
        [str(place) for place in range(len(spec.levels))],
        output_size=side,
        sampling_ratio=2,
        canonical_scale=_SCALE * anchor,
    )
