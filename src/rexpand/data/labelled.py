"""Labelled images to judge a network by: a test split alone.

A data set's test images, or those of a place where there are no others.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from rexpand.data.load import load, origin_of
from rexpand.data.split import Split
from rexpand.errors import DataError
from rexpand.size import Resolution
from rexpand.spec import ImageContract


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """Images, and the names of the classes that their labels number.

    `classes_by` says how they were matched with a network's: by its names of them, or
    by their order alone.
    """

    name: str
    split: Split
    class_names: tuple[str, ...]
    classes_by: Literal["names", "order"] = "order"
    no_files: tuple[str, ...] = ()

    @property
    def num_classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    def seen_by(
        self, contract: ImageContract, resolution: Resolution | None = None
    ) -> "Labelled":
        """The images as a network's contract says, labelled by the places of its names.

        `resolution` is another size; where not even the network's is known, the images
        keep their own. Where none of its names is one of ours and there are as many,
        the order of the classes stands. Raises DataError for a class that the network
        does not have, and for images that do not fit.
        """
        if contract.origin == "unknown":
            contract = contract.at(self.split.contract.height)
        split = self.split.seen_as(contract.at(resolution))
        places = {name: place for place, name in enumerate(contract.class_names)}
        unknown = [name for name in self.class_names if name not in places]
        if not places or len(unknown) == len(places) == self.num_classes:
            return replace(self, split=split)
        if unknown:
            raise DataError(
                f"class '{unknown[0]}' of {self.name} is none of the network's "
                f"{len(places)}, such as '{contract.class_names[0]}'; rename it, or give "
                "a network of these classes"
            )
        labels = np.array([places[name] for name in self.class_names], dtype=np.int64)
        return replace(
            self,
            split=split.renumbered(labels),
            class_names=contract.class_names,
            classes_by="names",
        )


def load_labelled(name: str, *, root: str | Path | None = None) -> Labelled:
    """The test images of a data set, or those of a place that has no others.

    Raises as `rexpand.data.load.load`.
    """
    origin = origin_of(name, root)
    if origin is None or origin.has_training:
        data = load(name, root=root)
        return Labelled(name=data.name, split=data.test, class_names=data.class_names)
    tests = origin.tests(None)
    return Labelled(
        name=origin.name,
        split=tests.split,
        class_names=tests.class_names,
        no_files=tests.no_files,
    )
