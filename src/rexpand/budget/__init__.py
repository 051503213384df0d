"""Channels for a budget: solve for one configuration, round it, or sample many."""

from rexpand.budget.bounds import Budget
from rexpand.budget.compound import ScaleBudget, ScaleSolution, filled, scale_to
from rexpand.budget.held import fill_around, solve_intercept
from rexpand.budget.latency import Latency, measured_latency, predicted_ms, section_ms
from rexpand.budget.nearest import Nearest, nearest
from rexpand.budget.rules import MAX_GROWTH, least_share
from rexpand.budget.sample import Sample, sample
from rexpand.budget.shapes import SHAPES
from rexpand.budget.shortfall import Missing, Shortfall, UnderUse, explained, shortfalls
from rexpand.budget.solve import Solution, relaxed_line, solve
from rexpand.budget.space import ShapeSpace, shape_space
from rexpand.budget.weights import effective_number, weights

__all__ = [
    "MAX_GROWTH",
    "SHAPES",
    "Budget",
    "Latency",
    "Missing",
    "Nearest",
    "Sample",
    "ScaleBudget",
    "ScaleSolution",
    "ShapeSpace",
    "Shortfall",
    "Solution",
    "UnderUse",
    "effective_number",
    "explained",
    "fill_around",
    "filled",
    "least_share",
    "measured_latency",
    "nearest",
    "predicted_ms",
    "relaxed_line",
    "sample",
    "scale_to",
    "section_ms",
    "shape_space",
    "shortfalls",
    "solve",
    "solve_intercept",
    "weights",
]
