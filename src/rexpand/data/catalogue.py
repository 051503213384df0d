"""Which data sets there are and where they lie; no torch here.

A data set is a name of this catalogue, the path of an .npz file or of an image folder,
or the name of either under the root. The root is the argument, else the environment
variable REXPAND_DATA, else ./data.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from rexpand.errors import DataError, UnknownNameError


@dataclass(frozen=True, kw_only=True)
class DataSetInfo:
    """A line of the catalogue; `images` counts train and test together."""

    name: str
    images: int
    classes: int
    resolution: int
    source: str
    layout: str


_CATALOGUE = (
    DataSetInfo(
        name="cifar10",
        images=60_000,
        classes=10,
        resolution=32,
        source="Krizhevsky 2009, research use",
        layout="ROOT/cifar-10-batches-py (torchvision's) or ROOT/cifar10.npz",
    ),
    DataSetInfo(
        name="cifar100",
        images=60_000,
        classes=100,
        resolution=32,
        source="Krizhevsky 2009, research use",
        layout="ROOT/cifar-100-python (torchvision's) or ROOT/cifar100.npz",
    ),
    DataSetInfo(
        name="digits",
        images=1_797,
        classes=10,
        resolution=8,
        source="UCI optdigits test set, CC BY 4.0, inside scikit-learn",
        layout="none: no file, no download",
    ),
)


def describe_all() -> tuple[DataSetInfo, ...]:
    """The data sets known by name, sorted by it."""
    return _CATALOGUE


def root_folder(root: Path | None) -> Path:
    """Where data sets lie: `root`, else REXPAND_DATA, else ./data; it may not exist.

    Raises DataError if it is something other than a folder.
    """
    chosen = root or Path(os.environ.get("REXPAND_DATA") or "data")
    if chosen.exists() and not chosen.is_dir():
        raise DataError(
            f"data root '{chosen}' is not a folder; name the folder that holds the "
            "data sets, by argument or in REXPAND_DATA"
        )
    return chosen


def found_under(root: Path) -> tuple[str, ...]:
    """Names of the .npz files and image folders right under the root, sorted."""
    if not root.is_dir():
        return ()
    arrays = {path.stem for path in root.glob("*.npz")}
    folders = {path.parent.name for path in root.glob("*/train") if path.is_dir()}
    return tuple(sorted(arrays | folders))


def locate(name: str, root: Path | None) -> Path:
    """The .npz file or folder that `name` stands for, under the root or as a path.

    A bare name is looked up under the root first, anything else as a path first.
    Raises UnknownNameError for a name, DataError for a path that leads nowhere.
    """
    is_bare = Path(name).name == name
    under_root = (root_folder(root) / name, root_folder(root) / f"{name}.npz")
    places = (*under_root, Path(name)) if is_bare else (Path(name), *under_root)
    for place in places:
        if place.is_dir() or (place.is_file() and place.suffix == ".npz"):
            return place
    if is_bare and not Path(name).suffix:
        raise _unknown(name, root_folder(root))
    raise DataError(
        f"no data set at {listed(places)}; give an .npz file or a folder with train/ "
        "and test/ or val/"
    )


def listed(places: tuple[Path, ...]) -> str:
    """Places as they are quoted in a message: 'a', 'b' or 'c'."""
    *first, last = [f"'{place}'" for place in places]
    return f"{', '.join(first)} or {last}" if first else last


def _unknown(name: str, root: Path) -> UnknownNameError:
    known = {info.name for info in _CATALOGUE} | set(found_under(root))
    hint = (
        f"looked in '{root}'; the names are {', '.join(sorted(known))}, or give the "
        "path of an .npz file or an image folder"
    )
    return UnknownNameError("data set", name, sorted(known), hint)
