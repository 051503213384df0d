"""Non-maximum suppression of many groups of boxes at once, as one operator of ONNX."""

import sys
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torchvision.ops import nms


@dataclass(frozen=True, kw_only=True)
class Suppression:
    """Which boxes of an image are detections, each class by itself.

    A box needs a score above `score_above`. It goes if one of its class that stays and
    scores more overlaps it by an intersection over union above `most_overlap`. Of all
    that stay the best `detections` are given. With `candidates`, only so many of the
    best boxes of each class take part.
    """

    score_above: float
    most_overlap: float
    detections: int
    candidates: int | None = None


def suppressed(boxes: Tensor, scores: Tensor, rule: Suppression) -> Tensor:
    """Which boxes of each group stay: (groups, boxes) of booleans.

    `boxes` are (groups, boxes, 4), `scores` (groups, boxes); the rule's numbers of
    detections and of candidates are not looked at.
    """
    kept = _Suppress.apply(boxes, scores, rule.most_overlap, rule.score_above)
    places = kept[:, 0] * scores.shape[1] + kept[:, 2]
    stays = torch.zeros_like(scores).reshape(-1)
    return stays.scatter(0, places, 1.0).reshape(scores.shape) > 0


class _Suppress(torch.autograd.Function):
    """Rows of ONNX's NonMaxSuppression: group, class (always 0), box.

    torchvision's own symbol knows one group: it moves the classes away from each other,
    which costs digits of float32, and asks first whether there is a box, for which the
    graph would need a branch.
    """

    @staticmethod
    def forward(
        ctx: Any, boxes: Tensor, scores: Tensor, most_overlap: float, above: float
    ) -> Tensor:
        rows = [boxes.new_zeros(0, 3, dtype=torch.int64)]
        for group in range(len(boxes)):
            of_use = torch.where(scores[group] > above)[0]
            kept = nms(boxes[group, of_use], scores[group, of_use], most_overlap)
            row = boxes.new_zeros(len(kept), 3, dtype=torch.int64)
            row[:, 0], row[:, 2] = group, of_use[kept]
            rows.append(row)
        return torch.cat(rows)

    @staticmethod
    def symbolic(g: Any, boxes: Any, scores: Any, overlap: float, above: float) -> Any:
        def constant(value: float) -> Any:
            return g.op("Constant", value_t=torch.tensor([value]))

        one_class = g.op("Unsqueeze", scores, constant(1))
        rule = constant(sys.maxsize), constant(overlap), constant(above)
        return g.op("NonMaxSuppression", boxes, one_class, *rule)
