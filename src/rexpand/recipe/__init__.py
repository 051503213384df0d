"""How to train, as data: recipes, and those that come with rexpand; no torch here."""

from rexpand.recipe.augmentation import Augmentation
from rexpand.recipe.optimization import EMA, SGD, Cosine
from rexpand.recipe.recipe import Recipe
from rexpand.recipe.recipes import RECIPES, find_recipe

__all__ = [
    "EMA",
    "RECIPES",
    "SGD",
    "Augmentation",
    "Cosine",
    "Recipe",
    "find_recipe",
]
