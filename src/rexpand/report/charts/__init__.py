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
)
from rexpand.report.charts.budgets import channels_by_budget, shapes_by_budget
from rexpand.report.charts.channels import (
    MOST_LINES,
    all_configurations,
    mean_channels,
)
from rexpand.report.charts.comparison import gain_interval, paired_accuracies
from rexpand.report.charts.confusion import confusion_matrix, drawn_classes
from rexpand.report.charts.coverage import (
    drawn_channels,
    drawn_growth,
    drawn_shares,
)
from rexpand.report.charts.design import design_channels, design_gain, design_trials
from rexpand.report.charts.detection import (
    detection_losses,
    detection_progress,
    has_class_curves,
    precision_recall,
)
from rexpand.report.charts.errors import error_distribution, shape_distributions
from rexpand.report.charts.factorial import effect_intervals, interactions
from rexpand.report.charts.factors import accuracy_by_rank, by_row
from rexpand.report.charts.finetuning import rate_grid, seed_accuracies
from rexpand.report.charts.front import several_fronts, study_front
from rexpand.report.charts.guidelines import guideline_chart
from rexpand.report.charts.latency import latency_chart
from rexpand.report.charts.latency_accuracy import accuracy_against_latency
from rexpand.report.charts.layers import axis_deviations, rank_curves
from rexpand.report.charts.networks import channels_chart
from rexpand.report.charts.parts import (
    part_label,
    part_shares,
    parts_under_roof,
    roof_rows,
    share_rows,
)
from rexpand.report.charts.proxies import proxy_taus
from rexpand.report.charts.roofline import roofline_chart
from rexpand.report.charts.short_training import tau_by_epoch
from rexpand.report.charts.spectra import (
    cumulative_spectra,
    mapped_layers,
    rank_by_depth,
    spectrum_distributions,
)
from rexpand.report.charts.training import (
    accuracy_curve,
    block_rank_curves,
    learning_rate_curve,
    loss_curve,
)
from rexpand.report.charts.trial import trial_among_groups, trial_points

__all__ = [
    "MOST_LINES",
    "accuracy_against_cost",
    "accuracy_against_latency",
    "accuracy_against_nuclear_norm",
    "accuracy_by_rank",
    "accuracy_curve",
    "all_configurations",
    "axis_deviations",
    "block_rank_curves",
    "by_row",
    "channels_by_budget",
    "channels_chart",
    "confusion_matrix",
    "cumulative_spectra",
    "design_channels",
    "design_gain",
    "design_trials",
    "detection_losses",
    "detection_progress",
    "drawn_channels",
    "drawn_classes",
    "drawn_growth",
    "drawn_shares",
    "effect_intervals",
    "error_distribution",
    "gain_interval",
    "guideline_chart",
    "has_class_curves",
    "interactions",
    "latency_chart",
    "learning_rate_curve",
    "loss_curve",
    "mapped_layers",
    "mean_channels",
    "paired_accuracies",
    "part_label",
    "part_shares",
    "parts_under_roof",
    "precision_recall",
    "proxy_taus",
    "rank_by_depth",
    "rank_curves",
    "rate_grid",
    "roof_rows",
    "roofline_chart",
    "seed_accuracies",
    "several_fronts",
    "shape_distributions",
    "shapes_by_budget",
    "share_rows",
    "spectrum_distributions",
    "study_front",
    "tau_by_epoch",
    "trial_among_groups",
    "trial_points",
]
