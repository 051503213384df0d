"""The figures: each a function from records to an Altair chart.

Needs the `report` extra; importing this package without it raises MissingExtraError.
A chart shows in a notebook, and `rexpand.report.rendering` turns it into files.
"""

from rexpand.errors import MissingExtraError

try:
    import altair  # noqa: F401
except ImportError as absent:
    raise MissingExtraError("altair", "report") from absent

from rexpand.report.charts.accuracy import (
    accuracy_against_cost,
    accuracy_against_nuclear_norm,
    accuracy_distribution,
)
from rexpand.report.charts.channels import (
    MOST_LINES,
    all_configurations,
    mean_channels,
)
from rexpand.report.charts.networks import channels_chart
from rexpand.report.charts.training import accuracy_curve, loss_curve, training_curves

__all__ = [
    "MOST_LINES",
    "accuracy_against_cost",
    "accuracy_against_nuclear_norm",
    "accuracy_curve",
    "accuracy_distribution",
    "all_configurations",
    "channels_chart",
    "loss_curve",
    "mean_channels",
    "training_curves",
]
