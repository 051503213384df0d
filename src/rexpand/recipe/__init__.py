"""How to train, as data: recipes, and those that come with rexpand; no torch here."""

from rexpand.recipe.augmentation import (
    Augmentation,
    CutMix,
    Mixup,
    RandAugment,
    RandomErasing,
)
from rexpand.recipe.changes import Change, changed
from rexpand.recipe.detection import DETECTION_RECIPES, DetectionRecipe
from rexpand.recipe.detection_augmentation import (
    DETECTION_AUGMENTATIONS,
    DetectionAugmentation,
    Expand,
    FixedSize,
    IoUCrop,
    LargeScaleJitter,
    PhotometricDistortion,
    ShorterSide,
)
from rexpand.recipe.detector_trials import DetectorTrialRecipe
from rexpand.recipe.files import (
    as_recipe,
    find_detection_recipe,
    find_recipe,
    recipe_to_toml,
)
from rexpand.recipe.optimization import (
    EMA,
    SGD,
    AdamW,
    Constant,
    Cosine,
    Linear,
    Milestones,
    Optimizer,
    RMSpropTF,
    Schedule,
    Step,
)
from rexpand.recipe.recipe import Recipe
from rexpand.recipe.recipes import RECIPES

__all__ = [
    "DETECTION_AUGMENTATIONS",
    "DETECTION_RECIPES",
    "EMA",
    "RECIPES",
    "SGD",
    "AdamW",
    "Augmentation",
    "Change",
    "Constant",
    "Cosine",
    "CutMix",
    "DetectionAugmentation",
    "DetectionRecipe",
    "DetectorTrialRecipe",
    "Expand",
    "FixedSize",
    "IoUCrop",
    "LargeScaleJitter",
    "Linear",
    "Milestones",
    "Mixup",
    "Optimizer",
    "PhotometricDistortion",
    "RMSpropTF",
    "RandAugment",
    "RandomErasing",
    "Recipe",
    "Schedule",
    "ShorterSide",
    "Step",
    "as_recipe",
    "changed",
    "find_detection_recipe",
    "find_recipe",
    "recipe_to_toml",
]
