"""Channels for a budget: solve for one configuration, round it, or sample many."""

from rexpand.budget.bounds import Budget
from rexpand.budget.latency import Latency, measured_latency, predicted_ms, section_ms
from rexpand.budget.nearest import Nearest, nearest
from rexpand.budget.sample import Sample, sample
from rexpand.budget.solve import Solution, relaxed_line, solve

__all__ = [
    "Budget",
    "Latency",
    "Nearest",
    "Sample",
    "Solution",
    "measured_latency",
    "nearest",
    "predicted_ms",
    "relaxed_line",
    "sample",
    "section_ms",
    "solve",
]
