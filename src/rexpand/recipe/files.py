"""Recipes by name and in files.

A TOML file holds the fields of a recipe that are not at their default. With
`from = "paper"` it starts from that recipe, or from another file beside it, and holds
what it changes (`rexpand.recipe.changes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from os.path import realpath
from pathlib import Path
from typing import Any, Generic, TypeVar

from rexpand.codec import from_content, to_content
from rexpand.documents import read_document
from rexpand.errors import SpecError, UnknownNameError
from rexpand.recipe.changes import laid_over
from rexpand.recipe.detection import DETECTION_RECIPES, DetectionRecipe
from rexpand.recipe.recipe import Recipe
from rexpand.recipe.recipes import RECIPES

Kind = TypeVar("Kind")


@dataclass(frozen=True, kw_only=True)
class _Shelf(Generic[Kind]):
    """The recipes of one kind: those with a name, and one with every default."""

    named: Mapping[str, Kind]
    plain: Kind


_CLASSIFICATION = _Shelf(named=RECIPES, plain=Recipe(epochs=1))
_DETECTION = _Shelf(named=DETECTION_RECIPES, plain=DetectionRecipe(epochs=1))


def find_recipe(name: str) -> Recipe:
    """The recipe of a name, or of a TOML file.

    Raises UnknownNameError or SpecError, each with the way out.
    """
    return _found(name, _CLASSIFICATION, Path(), ())


def find_detection_recipe(name: str) -> DetectionRecipe:
    """The recipe of a detector, by name or from a TOML file; raises as `find_recipe`."""
    return _found(name, _DETECTION, Path(), ())


def as_recipe(recipe: Recipe | str) -> Recipe:
    """The recipe itself, or that of a name or of a TOML file; raises as `find_recipe`."""
    return recipe if isinstance(recipe, Recipe) else find_recipe(recipe)


def recipe_to_toml(recipe: Recipe | DetectionRecipe) -> str:
    """The text of a file that is read as the same recipe again, field by field.

    Optional fields that are empty stand in a comment: TOML has no word for nothing.
    """
    import tomli_w

    content = to_content(recipe)
    text = tomli_w.dumps(_without_empty(content))
    empty = ", ".join(_empty(content))
    return f"# empty: {empty}\n{text}" if empty else text


def _found(
    name: str, shelf: _Shelf[Kind], beside: Path, through: tuple[str, ...]
) -> Kind:
    """The recipe of a name or file, reached `through` the files that start from it."""
    if name in shelf.named:
        return shelf.named[name]
    path, names = beside / name, ", ".join(shelf.named)
    if path.suffix != ".toml":
        raise UnknownNameError(
            "recipe", name, shelf.named, f"choose from {names} or a .toml file"
        )
    place = realpath(path)  # a link to itself is refused when it is read
    if place in through:
        raise SpecError(f"{path} starts from itself; choose from {names}")
    read = partial(_variant, shelf=shelf, beside=path.parent, through=(*through, place))
    return read_document(path, read, SpecError)


def _variant(
    content: Any, shelf: _Shelf[Kind], beside: Path, through: tuple[str, ...]
) -> Kind:
    """The recipe of a file's content: the one that it starts from, changed."""
    if not isinstance(content, Mapping):
        return from_content(type(shelf.plain), content)
    changes = {name: each for name, each in content.items() if name != "from"}
    if "from" not in content:
        start = to_content(shelf.plain)
        del start["epochs"]  # a recipe of its own says how long it is
    else:
        name = from_content(str, content["from"], "from")
        start = to_content(_found(name, shelf, beside, through))
    return from_content(type(shelf.plain), laid_over(start, changes))


def _without_empty(content: Any) -> Any:
    if not isinstance(content, Mapping):
        return content
    return {n: _without_empty(each) for n, each in content.items() if each is not None}


def _empty(content: Mapping[str, Any], place: str = "") -> list[str]:
    """The places of the fields that are empty."""
    found = []
    for name, each in content.items():
        if each is None:
            found.append(place + name)
        elif isinstance(each, Mapping):
            found += _empty(each, f"{place}{name}.")
    return found
