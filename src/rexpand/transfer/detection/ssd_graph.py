"""An SSD as a module of one tensor, for a graph, with and without NMS.

Images are float32 (images, channels, height, width) from 0 to 1, any number of them, of
one height and width, which may be any: normalisation and resizing are inside, and boxes
are in pixels of the images given.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.onnx.operators import shape_as_tensor
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD
from torchvision.ops import clip_boxes_to_image

from rexpand.trace.evaluating import evaluating
from rexpand.transfer.detection.suppression import Suppression, suppressed


class SsdBoxes(nn.Module):
    """Without NMS: a box per anchor, and its score for every class.

    Gives boxes (images, anchors, 4) and scores (images, anchors, classes) without the
    background's.
    """

    anchors: Tensor

    def __init__(self, ssd: SSD) -> None:
        super().__init__()
        self.ssd = ssd
        width, height = ssd.transform.fixed_size  # torchvision's order
        self._sides = height, width
        channels = len(ssd.transform.image_mean)
        maps = next(ssd.parameters()).new_zeros(1, channels, height, width)
        with torch.no_grad(), evaluating(ssd):
            anchors = ssd.anchor_generator(
                ImageList(maps, [self._sides]), [*ssd.backbone(maps).values()]
            )
        self.register_buffer("anchors", anchors[0], persistent=False)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        ssd = self.ssd
        resized = functional.interpolate(
            ssd.transform.normalize(images),
            size=self._sides,
            mode="bilinear",
            align_corners=False,
        )
        head = ssd.head([*ssd.backbone(resized).values()])
        scores, codes = head["cls_logits"].softmax(-1), head["bbox_regression"]
        anchors = self.anchors.expand_as(codes).reshape(-1, 4)
        boxes = ssd.box_coder.decode_single(codes.reshape(-1, 4), anchors)
        boxes = clip_boxes_to_image(boxes, self._sides).reshape(codes.shape)
        return boxes * self._scale(images), scores[..., 1:]

    def _scale(self, images: Tensor) -> Tensor:
        """From pixels of the resized images to those of the images given, x first."""
        sides = shape_as_tensor(images)[2:].to(images)
        height, width = sides / images.new_tensor(self._sides)
        return torch.stack((width, height, width, height))


class SsdDetections(nn.Module):
    """With NMS inside.

    Gives boxes (images, detections, 4), labels and scores (images, detections), the
    best first. Each image has as many rows: where it has fewer detections, the others
    have the score 0 and the label -1.
    """

    def __init__(self, ssd: SSD) -> None:
        super().__init__()
        self.boxes = SsdBoxes(ssd)
        self.rule = ssd_rule(ssd)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        boxes, scores = self.boxes(images)
        return ssd_detections(boxes, scores, self.rule)


def ssd_rule(ssd: SSD) -> Suppression:
    """How an SSD suppresses."""
    return Suppression(
        score_above=ssd.score_thresh,
        most_overlap=ssd.nms_thresh,
        detections=ssd.detections_per_img,
        candidates=ssd.topk_candidates,
    )


def ssd_detections(
    boxes: Tensor, scores: Tensor, rule: Suppression
) -> tuple[Tensor, Tensor, Tensor]:
    """What `SsdDetections` gives, of what `SsdBoxes` gives."""
    images, (anchors, classes) = boxes.shape[0], scores.shape[1:]
    candidates = min(rule.candidates or anchors, anchors)
    scores, at = scores.transpose(1, 2).topk(candidates, dim=2)
    first = torch.arange(images, device=boxes.device)[:, None, None] * anchors
    boxes = boxes.reshape(-1, 4)[at + first]  # image, class, candidate
    stays = suppressed(
        boxes.reshape(-1, candidates, 4), scores.reshape(-1, candidates), rule
    )
    kept = scores.reshape(images, -1) * stays.reshape(images, -1)
    best, at = kept.topk(min(rule.detections, classes * candidates), dim=1)
    boxes = boxes.reshape(images, -1, 4).gather(1, at[..., None].expand(-1, -1, 4))
    labels = torch.arange(classes, device=at.device).repeat_interleave(candidates)
    return boxes, torch.where(best > 0, labels[at], -1), best
