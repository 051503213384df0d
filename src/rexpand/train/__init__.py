"""Recipes to weights: the loop, its state, evaluation.

The names below load on first use: not all of them need torch.
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.train.evaluation import Evaluation, evaluate, penultimate_spectrum
    from rexpand.train.memory import keep_freed_memory, return_freed_memory
    from rexpand.train.progress import Progress, Silence
    from rexpand.train.recipe import Recipe, recipe_from_dict
    from rexpand.train.recipes import (
        RECIPES,
        find_recipe,
        recipe_for,
        recipe_for_search,
    )
    from rexpand.train.training import check_fits, fitted, train

__all__ = [
    "RECIPES",
    "Evaluation",
    "Progress",
    "Recipe",
    "Silence",
    "check_fits",
    "evaluate",
    "find_recipe",
    "fitted",
    "keep_freed_memory",
    "penultimate_spectrum",
    "recipe_for",
    "recipe_for_search",
    "recipe_from_dict",
    "return_freed_memory",
    "train",
]

__getattr__ = on_first_use(
    __name__,
    {
        "rexpand.train.evaluation": (
            "Evaluation",
            "evaluate",
            "penultimate_spectrum",
        ),
        "rexpand.train.memory": ("keep_freed_memory", "return_freed_memory"),
        "rexpand.train.progress": (
            "Progress",
            "Silence",
        ),
        "rexpand.train.recipe": (
            "Recipe",
            "recipe_from_dict",
        ),
        "rexpand.train.recipes": (
            "RECIPES",
            "find_recipe",
            "recipe_for",
            "recipe_for_search",
        ),
        "rexpand.train.training": (
            "check_fits",
            "fitted",
            "train",
        ),
    },
)
