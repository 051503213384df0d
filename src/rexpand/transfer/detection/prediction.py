"""What was found in an image, as a value."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class EncodedMask:
    """A mask in COCO's compressed run lengths: a tenth of the memory of plain ones."""

    height: int
    width: int
    counts: bytes


@dataclass(frozen=True, kw_only=True, eq=False)
class Prediction:
    """What was found in an image.

    `boxes` (n, 4) are x_min, y_min, x_max, y_max in pixels of the image as it is stored,
    `labels` (n) classes from 0, `scores` (n) from 0 to 1. `masks` has one for each box;
    None of a detector that gives none.
    """

    image_id: int
    boxes: NDArray[np.float64]
    labels: NDArray[np.int64]
    scores: NDArray[np.float64]
    masks: tuple[EncodedMask, ...] | None = None

    def __len__(self) -> int:
        return len(self.scores)

    def best(self, count: int) -> "Prediction":
        """Those `count` with the highest scores, the highest first; of equals the first."""
        order = np.argsort(-self.scores, kind="stable")[:count]
        masks = self.masks
        return Prediction(
            image_id=self.image_id,
            boxes=self.boxes[order],
            labels=self.labels[order],
            scores=self.scores[order],
            masks=None if masks is None else tuple(masks[place] for place in order),
        )

    def from_score(self, score: float) -> "Prediction":
        """Those whose score is at least `score`, the highest first."""
        return self.best(int(np.count_nonzero(self.scores >= score)))
