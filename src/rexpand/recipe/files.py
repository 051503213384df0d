"""Recipes by name and in files.

A TOML file holds the fields of a recipe that are not at their default. With
`from = "paper"` it starts from that recipe, or from another file beside it, and holds
what it changes (`rexpand.recipe.changes`).
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rexpand.codec import from_content, to_content
from rexpand.documents import read_document
from rexpand.errors import SpecError, UnknownNameError
from rexpand.recipe.changes import laid_over
from rexpand.recipe.recipe import Recipe
from rexpand.recipe.recipes import RECIPES


def find_recipe(name: str) -> Recipe:
    """The recipe of a name, or of a TOML file.

    Raises UnknownNameError or SpecError, each with the way out.
    """
    return _found(name, Path(), ())


def as_recipe(recipe: Recipe | str) -> Recipe:
    """The recipe itself, or that of a name or of a TOML file; raises as `find_recipe`."""
    return recipe if isinstance(recipe, Recipe) else find_recipe(recipe)


def recipe_to_toml(recipe: Recipe) -> str:
    """The text of a file that `find_recipe` reads as the same recipe, field by field.

    Optional fields that are empty stand in a comment: TOML has no word for nothing.
    """
    import tomli_w

    content = to_content(recipe)
    text = tomli_w.dumps(_without_empty(content))
    empty = ", ".join(_empty(content))
    return f"# empty: {empty}\n{text}" if empty else text


def _found(name: str, beside: Path, through: tuple[Path, ...]) -> Recipe:
    """The recipe of a name or file, reached `through` the files that start from it."""
    if name in RECIPES:
        return RECIPES[name]
    path = beside / name
    if path.suffix != ".toml":
        raise UnknownNameError(
            "recipe", name, RECIPES, f"choose from {', '.join(RECIPES)} or a .toml file"
        )
    if path.resolve() in through:
        raise SpecError(f"{path} starts from itself; choose from {', '.join(RECIPES)}")
    read = partial(_variant, beside=path.parent, through=(*through, path.resolve()))
    return read_document(path, read, SpecError)


def _variant(content: Any, beside: Path, through: tuple[Path, ...]) -> Recipe:
    """The recipe of a file's content: the one that it starts from, changed."""
    if not isinstance(content, Mapping):
        return from_content(Recipe, content)
    changes = {name: each for name, each in content.items() if name != "from"}
    if "from" not in content:
        start = to_content(Recipe(epochs=1))
        del start["epochs"]  # a recipe of its own says how long it is
    else:
        name = from_content(str, content["from"], "from")
        start = to_content(_found(name, beside, through))
    return from_content(Recipe, laid_over(start, changes))


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
