"""Tables, figures and pages from records.

One chart definition gives the page, SVG, PNG and PDF. Importing this room is light:
`rexpand.report.charts` loads Altair, and is loaded itself when something is drawn.
"""

from rexpand.report.files import (
    ReportFiles,
    write_channels_report,
    write_study_report,
    write_training_report,
)
from rexpand.report.findings import cautions, finding
from rexpand.report.networks import NetworkRow, network_row
from rexpand.report.page import study_page, training_page
from rexpand.report.tables import GroupRow, TrialRow, group_rows, trial_rows

__all__ = [
    "GroupRow",
    "NetworkRow",
    "ReportFiles",
    "TrialRow",
    "cautions",
    "finding",
    "group_rows",
    "network_row",
    "study_page",
    "training_page",
    "trial_rows",
    "write_channels_report",
    "write_study_report",
    "write_training_report",
]
