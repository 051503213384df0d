"""Channels for a budget: solve for one configuration, or sample many."""

from rexpand.budget.bounds import Budget
from rexpand.budget.sample import Sample, sample
from rexpand.budget.solve import Solution, solve

__all__ = ["Budget", "Sample", "Solution", "sample", "solve"]
