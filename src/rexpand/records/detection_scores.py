"""How well a detector finds the annotated instances of a split: COCO's measures.

Every measure is a share from 0 to 1, as COCO's own evaluation prints it. None is what is
not defined: a class without instances has no average precision, and is in no mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import RecordError
from rexpand.ranges import AVERAGE_PRECISION, COUNT, IMAGES, PROBABILITY

VERSION = 1

Measure = Annotated[float, AVERAGE_PRECISION]
Place = Annotated[int, COUNT]  # of a class, from 0


@dataclass(frozen=True, kw_only=True)
class ClassScores:
    """One class: its instances without crowds, the predictions of it, and what they reach.

    `recall` is the mean over COCO's ten overlaps with at most 100 predictions an image.
    `precisions` are those at an overlap of 0.5 and recalls of 0, 0.01 to 1; none without
    instances.
    """

    instances: Annotated[int, COUNT]
    predictions: Annotated[int, COUNT]
    ap: Measure | None
    ap50: Measure | None
    ap75: Measure | None
    ap_small: Measure | None
    ap_medium: Measure | None
    ap_large: Measure | None
    recall: Measure | None
    precisions: tuple[Measure, ...]


@dataclass(frozen=True, kw_only=True)
class PrecisionCurve:
    """Mean precision of the classes at recalls of 0, 0.01 to 1, at one overlap."""

    overlap: Measure
    precisions: tuple[Measure, ...]


@dataclass(frozen=True, kw_only=True)
class RegionScores:
    """COCO's twelve numbers of boxes, or of masks, and what they are the means of.

    `ap` is the mean over overlaps (IoU) of 0.5, 0.55 to 0.95. Sizes are COCO's: an area
    under 32 x 32 pixels is small, one over 96 x 96 large. `recall_10` is that of at most
    10 predictions of each image and class; `ap` itself takes at most 100. `classes` are in
    the order of the class names.
    """

    ap: Measure | None
    ap50: Measure | None
    ap75: Measure | None
    ap_small: Measure | None
    ap_medium: Measure | None
    ap_large: Measure | None
    recall_1: Measure | None
    recall_10: Measure | None
    recall_100: Measure | None
    recall_small: Measure | None
    recall_medium: Measure | None
    recall_large: Measure | None
    classes: tuple[ClassScores, ...]
    curves: tuple[PrecisionCurve, ...]


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """The score from which on predictions count, and what is then right, at an overlap of 0.5.

    `precision` is the share of those predictions that find an instance of their class,
    `recall` the share of the instances that are found, over all classes together.
    """

    score: Annotated[float, PROBABILITY]
    precision: Measure
    recall: Measure

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, kw_only=True)
class DetectionConfusion:
    """So many instances of a class that were taken for another, or for itself.

    Without a `guess` nobody found them; without a `label` these are predictions where no
    instance was left to be found.
    """

    label: Place | None
    guess: Place | None
    count: Annotated[int, COUNT]

    def __post_init__(self) -> None:
        check_fields(self, RecordError)


@dataclass(frozen=True, kw_only=True)
class DetectionScores:
    """What a detector reaches on a split; `mask` is None where there are only boxes.

    `instances` are those to be found; of the `crowds` besides them, regions of many
    objects, none has to be found, and predictions inside them are not counted. At
    `operating`, the score with the highest F1 (None if no prediction finds anything),
    `confusions` tell what was taken for what. Raises RecordError for a class without a
    name.
    """

    class_names: tuple[str, ...]
    images: Annotated[int, IMAGES]
    instances: Annotated[int, COUNT]
    crowds: Annotated[int, COUNT]
    predictions: Annotated[int, COUNT]
    box: RegionScores
    mask: RegionScores | None
    operating: OperatingPoint | None
    confusions: tuple[DetectionConfusion, ...]
    version: int = VERSION

    def __post_init__(self) -> None:
        places = [p for each in self.confusions for p in (each.label, each.guess)]
        highest = max((place for place in places if place is not None), default=-1)
        if highest >= len(self.class_names):
            raise RecordError(
                f"class {highest} has no name; there are {len(self.class_names)}"
            )
        for region in (self.box, self.mask):
            if region is not None and len(region.classes) != len(self.class_names):
                raise RecordError(
                    f"{len(region.classes)} classes have scores; "
                    f"there are {len(self.class_names)}"
                )

    @property
    def box_ap(self) -> float | None:
        """COCO's average precision of the boxes."""
        return self.box.ap

    @property
    def box_ap50(self) -> float | None:
        """That of boxes which overlap by half."""
        return self.box.ap50

    @property
    def box_ap75(self) -> float | None:
        """That of boxes which overlap by three quarters."""
        return self.box.ap75

    @property
    def mask_ap(self) -> float | None:
        """COCO's average precision of the masks; None too where there are none."""
        return self.mask.ap if self.mask else None

    def headline(self) -> Mapping[str, float | None]:
        """`box_ap`, `box_ap50`, `box_recall_100` and so on; `mask_ap` if there are masks."""
        return {
            f"{name}_{measure}": value
            for name, region in (("box", self.box), ("mask", self.mask))
            if region is not None
            for measure, value in vars(region).items()
            if measure not in ("classes", "curves")
        }
