"""Recipes to weights: the loop, its state, evaluation."""

from rexpand.train.evaluation import Evaluation, evaluate, penultimate_spectrum
from rexpand.train.progress import Progress, Silence
from rexpand.train.training import check_fits, fitted, train

__all__ = [
    "Evaluation",
    "Progress",
    "Silence",
    "check_fits",
    "evaluate",
    "fitted",
    "penultimate_spectrum",
    "train",
]
