"""How far the detections of two runtimes of one detector are from each other."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

Outputs = dict[str, Tensor]
Detect = Callable[[Sequence[Tensor]], Sequence[Outputs]]

# A detection has a partner if both have one class and are this near; what rounding in
# float32 does is far below.
_SCORE = 1e-3
_SIDE = 1e-3  # of the image's longer side
_MASK = 0.9  # intersection over union
_INSIDE = 0.5  # of a mask's probability
_TIE = 2e-5  # scores that rounding may put in either order


@dataclass(frozen=True, kw_only=True)
class DetectionAgreement:
    """Detections of two runtimes, matched.

    `detections` counts those of both. `without_partner` counts those of either that the
    other does not have, without the `tied` ones, which rounding chooses: NMS keeps one
    of several with equal scores, and the last places of a full list go to some of many. Of the partners, `score` is the largest difference, `box` the largest of a
    corner, as a share of the image's longer side, and `mask` the least intersection over
    union, where there are masks.
    """

    images: int
    detections: int
    without_partner: int
    tied: int
    score: float
    box: float
    mask: float | None = None

    @property
    def share_without_partner(self) -> float:
        """0 if nothing was found."""
        return self.without_partner / max(1, self.detections)


def agreement_of(
    ours: Detect, theirs: Detect, images: Iterable[Tensor], *, most: int
) -> DetectionAgreement:
    """Run both on the same images, (channels, height, width), and match what they find.

    Neither finds more than `most` in an image.
    """
    count = detections = alone = tied = 0
    scores, boxes, masks = [0.0], [0.0], []
    for image in images:
        (our,), (their,) = ours([image]), theirs([image])
        pairs = _partners(our, their, max(image.shape[1:]))
        count += 1
        found = len(our["scores"]) + len(their["scores"])
        decided = _tied(our, their, pairs, most)
        detections += found
        alone += found - 2 * len(pairs) - decided
        tied += decided
        for one, other in pairs:
            scores.append(_apart(our["scores"][one], their["scores"][other]))
            corners = _apart(our["boxes"][one], their["boxes"][other])
            boxes.append(corners / max(image.shape[1:]))
            if "masks" in our:
                masks.append(_overlap(our["masks"][one], their["masks"][other]))
    return DetectionAgreement(
        images=count,
        detections=detections,
        without_partner=alone,
        tied=tied,
        score=max(scores),
        box=max(boxes),
        mask=min(masks, default=None),
    )


def _tied(
    our: Outputs, their: Outputs, pairs: Sequence[tuple[int, int]], most: int
) -> int:
    """How many have no partner, and a score that others of their list have too."""
    sides = (
        (our, their, {one for one, _ in pairs}),
        (their, our, {other for _, other in pairs}),
    )
    return sum(
        _has_rival(found, place, other, most)
        for found, other, with_partner in sides
        for place in range(len(found["scores"]))
        if place not in with_partner
    )


def _has_rival(found: Outputs, place: int, other: Outputs, most: int) -> bool:
    score = found["scores"][place]
    if len(other["scores"]) >= most and score <= other["scores"].min() + _TIE:
        return True
    alike = (found["labels"] == found["labels"][place]) & (
        (found["scores"] - score).abs() <= _TIE
    )
    return int(alike.sum()) > 1  # itself is one


def _partners(our: Outputs, their: Outputs, side: int) -> list[tuple[int, int]]:
    """The places of detections that are one, each at most once, the best first."""
    apart = (our["boxes"][:, None] - their["boxes"].to(our["boxes"])).abs().amax(-1)
    further = (our["scores"][:, None] - their["scores"]).abs()
    same = our["labels"][:, None] == their["labels"]
    near = same & (apart <= _SIDE * side) & (further <= _SCORE)
    taken: set[int] = set()
    pairs = []
    for one, row in enumerate(near):
        for other in torch.where(row)[0].tolist():
            if other not in taken and _has_mask_of(our, one, their, other):
                taken.add(other)
                pairs.append((one, other))
                break
    return pairs


def _has_mask_of(our: Outputs, one: int, their: Outputs, other: int) -> bool:
    if "masks" not in our:
        return True
    return _overlap(our["masks"][one], their["masks"][other]) >= _MASK


def _overlap(ours: Tensor, theirs: Tensor) -> float:
    """Intersection over union of two masks; 1 where both are empty."""
    ours, theirs = ours >= _INSIDE, theirs >= _INSIDE
    union = int((ours | theirs).sum())
    return int((ours & theirs).sum()) / union if union else 1.0


def _apart(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).abs().max())
