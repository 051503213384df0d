"""Recipes to weights: the loop, its state, evaluation.

The package is called as the training itself, `rexpand.train.training.train`:

    record = rexpand.train("search_18", "quick", "digits", folder="runs/first")
"""

from rexpand.surface import called_as
from rexpand.train.checkpoints import Interval
from rexpand.train.evaluation import Evaluation, evaluate, penultimate_spectrum
from rexpand.train.forecast import Forecast
from rexpand.train.plan import plan
from rexpand.train.prediction import Guess, Prediction, predict
from rexpand.train.progress import Listeners, Progress, Silence, Steps
from rexpand.train.start import Start, start_from, start_pretrained
from rexpand.train.teaching import Teacher, teacher_from
from rexpand.train.training import fitted, train

__all__ = [
    "Evaluation",
    "Forecast",
    "Guess",
    "Interval",
    "Listeners",
    "Prediction",
    "Progress",
    "Silence",
    "Start",
    "Steps",
    "Teacher",
    "evaluate",
    "fitted",
    "penultimate_spectrum",
    "plan",
    "predict",
    "start_from",
    "start_pretrained",
    "teacher_from",
    "train",
]

called_as(__name__, "rexpand.train.training", "train")
