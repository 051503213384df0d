"""Which data sets there are and where they lie; no torch here.

A data set is a name of this catalogue, hf:PLACE (`rexpand.data.hub_name`), the path of an
.npz file or of a folder, or the name of either under the root (`rexpand.data.places`).
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from rexpand.data.cifar import CIFAR10, CIFAR100
from rexpand.data.digits import DIGITS
from rexpand.data.entry import DataSetInfo, Entry, ImageEntry
from rexpand.data.files import is_file, is_folder
from rexpand.data.hub_name import is_hub_name
from rexpand.data.photo_sets import (
    FGVC_AIRCRAFT,
    FLOWERS102,
    FOOD101,
    IMAGENET,
    STANFORD_CARS,
)
from rexpand.data.places import found_under, listed, root_folder
from rexpand.errors import DataError, UnknownNameError
from rexpand.recipe import RECIPES, Recipe

_ENTRIES = (
    CIFAR10,
    CIFAR100,
    DIGITS,
    FGVC_AIRCRAFT,
    FLOWERS102,
    FOOD101,
    IMAGENET,
    STANFORD_CARS,
)
CATALOGUE: Mapping[str, Entry | ImageEntry] = MappingProxyType(
    {entry.info.name: entry for entry in _ENTRIES}
)

# What a set of the user's own is trained by: arrays, and image files.
_ARRAYS, _FILES = RECIPES["cifar"], RECIPES["folder"]


def describe_all() -> tuple[DataSetInfo, ...]:
    """The data sets known by name, sorted by it."""
    return tuple(entry.info for entry in CATALOGUE.values())


def recipe_for(name: str, root: str | Path | None = None) -> Recipe:
    """The recipe that a data set is trained by unless another is asked for.

    Raises as `locate` does.
    """
    if name in CATALOGUE:
        return RECIPES[CATALOGUE[name].info.recipe]
    if is_hub_name(name):
        return _FILES
    return _FILES if is_folder(locate(name, root)) else _ARRAYS


def search_recipe_for(name: str, root: str | Path | None = None) -> Recipe:
    """The recipe that a data set is searched by unless another is asked for."""
    if name in CATALOGUE:
        return RECIPES[CATALOGUE[name].info.search_recipe]
    return recipe_for(name, root)


def locate(name: str, root: str | Path | None) -> Path:
    """The .npz file or folder that `name` stands for, under the root or as a path.

    A bare name is looked up under the root first, anything else as a path first.
    Raises UnknownNameError for a name, DataError for a path that leads nowhere.
    """
    is_bare = Path(name).name == name
    under_root = (root_folder(root) / name, root_folder(root) / f"{name}.npz")
    places = (*under_root, Path(name)) if is_bare else (Path(name), *under_root)
    for place in places:
        if is_folder(place) or (is_file(place) and place.suffix == ".npz"):
            return place
    if is_bare and not Path(name).suffix:
        raise _unknown(name, root_folder(root))
    raise DataError(
        f"no data set at {listed(places)}; give an .npz file or a folder with train/ "
        "and test/ or val/"
    )


def _unknown(name: str, root: Path) -> UnknownNameError:
    known = {*CATALOGUE, *found_under(root)}
    hint = (
        f"looked in '{root}'; the names are {', '.join(sorted(known))}, or give the "
        "path of an .npz file or an image folder"
    )
    return UnknownNameError("data set", name, sorted(known), hint)
