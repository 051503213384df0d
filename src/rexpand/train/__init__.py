"""Recipes to weights: the loop, its state, evaluation."""

from rexpand.train.evaluation import Evaluation, evaluate, nuclear_norm
from rexpand.train.memory import keep_freed_memory
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
    "nuclear_norm",
    "recipe_for",
    "recipe_for_search",
    "recipe_from_dict",
    "train",
]
