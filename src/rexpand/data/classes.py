"""Rules for the classes of a data set, whatever its images lie in."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rexpand.data.split import Labels
from rexpand.documents import naming, parsed_json, read_text
from rexpand.errors import DataError, quoted
from rexpand.ranges import CLASS_NAME, SOME_CLASSES


def check_classes(source: str, class_names: Sequence[str]) -> None:
    """Raise DataError unless there are two classes to tell apart, with plain names."""
    for name in class_names:
        CLASS_NAME.check(f"class of {source}:", name, DataError)
    for name, number in Counter(class_names).most_common(1):
        if number > 1:
            raise DataError(
                f"{source} has {number} classes of the name {quoted(name)}; give each "
                "one a name of its own"
            )
    if len(class_names) < 2:
        found = f"the one class '{class_names[0]}'" if class_names else "no class"
        raise DataError(f"{source} has {found}; a classifier needs two or more")


def check_same_classes(
    source: str, found: tuple[str, ...], expected: tuple[str, ...] | None
) -> None:
    """Raise DataError for other classes than those of the training images."""
    if expected is None or found == expected:
        return
    differing = sorted({*found} ^ {*expected}) or [
        next(a for a, b in zip(found, expected, strict=True) if a != b)
    ]
    raise DataError(
        f"{source} has {len(found)} classes and train has {len(expected)}; "
        f"{quoted(differing[0])} is the first that differs"
    )


def check_labels(source: str, part: str, labels: Labels, classes: int) -> None:
    """Raise DataError for the first label that is none of the classes."""
    outside = labels[(labels < 0) | (labels >= classes)]
    if outside.size:
        raise DataError(
            f"{source}: label {outside[0]} in {part} is none of the "
            f"{classes} classes of train; number them 0 to {classes - 1}"
        )


def check_all_present(source: str, labels: Labels, class_names: Sequence[str]) -> None:
    """Raise DataError for the first class without a training image."""
    present = np.bincount(labels, minlength=len(class_names)) > 0
    if not present.all():
        label = int(present.argmin())
        raise DataError(
            f"{source}: no train image of class {label} "
            f"({quoted(class_names[label])}); number the classes without gaps"
        )


def numbered_names(source: str, labels: Labels) -> tuple[str, ...]:
    """Names of classes that have none: their numbers, 0 to the highest label.

    Raises DataError for a label so high that most classes would be empty.
    """
    highest = int(labels.max())
    if not 0 <= highest < len(labels):
        raise DataError(
            f"{source}: label {highest} in train, of {len(labels)} images; number "
            "the classes from 0 without gaps"
        )
    return tuple(str(label) for label in range(highest + 1))


def read_class_names(path: Path) -> tuple[str, ...]:
    """The names in a file, in the order of their numbers.

    A .txt file has one on each line, a .json file a list. Raises DataError, with the
    name of the file, for anything else.
    """
    text = read_text(path, DataError)
    with naming(path, DataError):
        if path.suffix == ".json":
            return _listed(parsed_json(text))
        return _listed([line.strip() for line in text.strip().splitlines()])


def _listed(names: Any) -> tuple[str, ...]:
    if not isinstance(names, list) or len(names) not in SOME_CLASSES:
        raise ValueError("it holds no list of the names of classes")
    if not all(isinstance(name, str) for name in names):
        raise ValueError("a name of a class is no text")
    return tuple(names)
