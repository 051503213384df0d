"""How to train the trials of a search that are detectors, as data."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rexpand.allowed import check_fields
from rexpand.errors import SpecError
from rexpand.ranges import IMAGES
from rexpand.recipe.detection import DetectionRecipe


@dataclass(frozen=True, kw_only=True)
class DetectorTrialRecipe:
    """A training of a detector that is judged by images of the training set.

    So many `validation` images are held out of it, since the images that a data set
    holds out itself are to judge the winner alone. With `skip_defects` wrong annotations
    and images are left out. `kind` tells it from the recipe of a classifier.
    """

    detection: DetectionRecipe
    validation: Annotated[int, IMAGES]
    skip_defects: bool = False
    kind: Literal["detector"] = "detector"

    def __post_init__(self) -> None:
        check_fields(self, SpecError)

    @property
    def epochs(self) -> int:
        """Epochs of a training."""
        return self.detection.epochs
