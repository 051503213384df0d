"""An R-CNN as a module of one tensor, for a graph, with and without NMS.

Images are float32 (1, channels, height, width) from 0 to 1, one at a time, of any height
and width: normalisation and resizing are inside, and boxes are in pixels of the image
given. What torchvision does in loops and branches is done at once, so that a graph has
neither.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.onnx.operators import shape_as_tensor
from torchvision.models.detection._utils import _topk_min
from torchvision.models.detection.generalized_rcnn import GeneralizedRCNN
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import (
    RegionProposalNetwork,
    concat_box_prediction_layers,
)
from torchvision.models.detection.transform import (
    GeneralizedRCNNTransform,
    resize_boxes,
)
from torchvision.ops import clip_boxes_to_image

from rexpand.transfer.detection.pasting import pasted
from rexpand.transfer.detection.suppression import Suppression, suppressed

_LEAST_SIDE = 1e-2  # pixels; torchvision's R-CNNs drop smaller boxes before NMS
_OF_NO_USE = -1.0  # a score below all others


class RcnnBoxes(nn.Module):
    """Without the NMS behind the heads: what that would get.

    Every pair of a proposal and a class whose score is above the detector's threshold:
    boxes (1, pairs, 4), labels and scores (1, pairs), and of a Mask R-CNN masks (1,
    pairs, 28, 28), each within its box. The proposals are chosen by an NMS of their own,
    which belongs to the detector.
    """

    def __init__(self, rcnn: GeneralizedRCNN) -> None:
        super().__init__()
        self.rcnn = rcnn
        self.rule = rcnn_rule(rcnn)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        heads = self.rcnn.roi_heads
        taken, features = _features(self.rcnn, images)
        boxes, scores = _boxes(self.rcnn, taken, features)
        proposal, label = torch.where(scores > self.rule.score_above)
        boxes, scores = boxes[proposal, label], scores[proposal, label]
        given = resize_boxes(boxes, taken.image_sizes[0], images.shape[2:])
        found = given[None], label[None], scores[None]
        if not heads.has_mask():
            return found
        return *found, _masks(heads, taken, features, boxes, label)[None]


class RcnnDetections(nn.Module):
    """With NMS inside.

    Gives boxes (1, detections, 4), labels and scores (1, detections), the best first,
    and of a Mask R-CNN masks (1, detections, height, width).
    """

    def __init__(self, rcnn: GeneralizedRCNN) -> None:
        super().__init__()
        self.rcnn = rcnn
        self.rule = rcnn_rule(rcnn)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        heads = self.rcnn.roi_heads
        taken, features = _features(self.rcnn, images)
        boxes, scores = _boxes(self.rcnn, taken, features)
        boxes, scores = boxes.transpose(0, 1), scores.T  # class, proposal
        label, proposal = torch.where(suppressed(boxes, scores, self.rule))
        scores = scores[label, proposal]
        scores, at = scores.topk(_topk_min(scores, self.rule.detections, 0))
        label, boxes = label[at], boxes[label[at], proposal[at]]
        given = resize_boxes(boxes, taken.image_sizes[0], images.shape[2:])
        found = given[None], label[None], scores[None]
        if not heads.has_mask():
            return found
        masks = _masks(heads, taken, features, boxes, label)
        return *found, pasted(masks, given, images.shape[2], images.shape[3])[None]


def rcnn_rule(rcnn: GeneralizedRCNN) -> Suppression:
    """How an R-CNN suppresses behind its heads."""
    heads = rcnn.roi_heads
    return Suppression(
        score_above=heads.score_thresh,
        most_overlap=heads.nms_thresh,
        detections=heads.detections_per_img,
    )


def _features(
    rcnn: GeneralizedRCNN, images: Tensor
) -> tuple[ImageList, dict[str, Tensor]]:
    """The first image as the network takes it, and its maps."""
    transform = rcnn.transform
    image = _resized(transform, transform.normalize(images[0]))
    batch = transform.batch_images([image], size_divisible=transform.size_divisible)
    taken = ImageList(batch, [(image.shape[1], image.shape[2])])
    return taken, rcnn.backbone(batch)


def _resized(transform: GeneralizedRCNNTransform, image: Tensor) -> Tensor:
    """An image as torchvision resizes it where nothing is traced.

    Its traced graph computes the sides in float32, which makes some a pixel shorter.
    """
    sides = shape_as_tensor(image)[1:].double()
    # No numbers, and no tensors of no axis: the exporter computes both in float32.
    shorter = sides.new_tensor([transform.min_size[-1]])
    longer = sides.new_tensor([transform.max_size])
    by_side = torch.cat((shorter / sides.amin(0, True), longer / sides.amax(0, True)))
    scale = by_side.amin(0, True)
    height, width = (sides * scale).floor().to(torch.int64)
    return functional.interpolate(
        image[None], size=(height, width), mode="bilinear", align_corners=False
    )[0]


def _boxes(
    rcnn: GeneralizedRCNN, taken: ImageList, features: dict[str, Tensor]
) -> tuple[Tensor, Tensor]:
    """Boxes (proposals, classes, 4) in the resized image and scores (proposals, classes).

    Boxes without an area have the score 0.
    """
    heads, sizes = rcnn.roi_heads, taken.image_sizes
    proposals = _proposals(rcnn.rpn, taken, [*features.values()])
    pooled = heads.box_roi_pool(features, [proposals], sizes)
    logits, codes = heads.box_predictor(heads.box_head(pooled))
    boxes = heads.box_coder.decode(codes, [proposals])
    boxes = clip_boxes_to_image(boxes, sizes[0])[:, 1:]
    return boxes, logits.softmax(-1)[:, 1:] * _are_wide(boxes, _LEAST_SIDE)


def _proposals(
    rpn: RegionProposalNetwork, taken: ImageList, maps: list[Tensor]
) -> Tensor:
    """The boxes (proposals, 4) of one image: the best of each level, after its NMS."""
    objectness, codes = rpn.head(maps)
    counts = [each.shape[1] * each.shape[2] * each.shape[3] for each in objectness]
    logits, codes = concat_box_prediction_layers(objectness, codes)
    boxes = rpn.box_coder.decode(codes, rpn.anchor_generator(taken, maps))[:, 0]
    at = rpn._get_top_n_idx(logits.reshape(1, -1), counts)[0]
    level = torch.cat([boxes.new_full((n,), place) for place, n in enumerate(counts)])
    boxes = clip_boxes_to_image(boxes[at], taken.image_sizes[0])
    scores, level = logits[at, 0].sigmoid(), level[at]
    is_of_use = _are_wide(boxes, rpn.min_size) & (scores >= rpn.score_thresh)
    levels = torch.arange(len(counts), device=level.device)[:, None]
    by_level = torch.where((level == levels) & is_of_use, scores, _OF_NO_USE)
    rule = Suppression(
        score_above=_OF_NO_USE / 2,
        most_overlap=rpn.nms_thresh,
        detections=rpn.post_nms_top_n(),
    )
    stays = suppressed(boxes.expand(len(counts), -1, -1), by_level, rule)
    kept = torch.where(stays.any(0))[0]
    best = scores[kept].topk(_topk_min(kept, rule.detections, 0)).indices
    return boxes[kept[best]]


def _are_wide(boxes: Tensor, least: float) -> Tensor:
    """Whether both sides of boxes are of some pixels at least."""
    return (boxes[..., 2:] - boxes[..., :2] >= least).all(-1)


def _masks(
    heads: RoIHeads,
    taken: ImageList,
    features: dict[str, Tensor],
    boxes: Tensor,
    labels: Tensor,
) -> Tensor:
    """The probability (boxes, 28, 28) of each box's own class, within the box."""
    pooled = heads.mask_roi_pool(features, [boxes], taken.image_sizes)
    masks = heads.mask_predictor(heads.mask_head(pooled)).sigmoid()
    return masks[torch.arange(labels.shape[0], device=labels.device), labels + 1]
