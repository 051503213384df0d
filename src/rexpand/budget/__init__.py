"""Channels for a budget: solve for one configuration, round it, or sample many."""

from rexpand.budget.bounds import Budget
from rexpand.budget.nearest import Nearest, nearest
from rexpand.budget.sample import Sample, sample
from rexpand.budget.solve import Solution, relaxed_line, solve

__all__ = [
    "Budget",
    "Nearest",
    "Sample",
    "Solution",
    "nearest",
    "relaxed_line",
    "sample",
    "solve",
]
