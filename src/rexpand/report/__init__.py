"""Tables, figures and pages from records.

One chart definition gives the page, SVG, PNG and PDF. Importing this room is light:
`rexpand.report.charts` loads Altair, and is loaded itself when something is drawn.
"""

from rexpand.report.budget_rows import (
    BudgetRow,
    ShapeBudgetRow,
    budget_rows,
    shape_budget_rows,
)
from rexpand.report.budgets_page import budgets_page, write_budgets_report
from rexpand.report.coverage_section import shape_rows
from rexpand.report.design_findings import verdict_sentence
from rexpand.report.design_page import design_page, write_design_report
from rexpand.report.detection_page import detection_page, write_detection_report
from rexpand.report.detection_result import DetectionResult, result_of
from rexpand.report.factor_page import factor_page, write_factor_report
from rexpand.report.factorial_page import factorial_page, write_factorial_report
from rexpand.report.failures_section import failures_line
from rexpand.report.files import (
    ReportFiles,
    write_channels_report,
    write_study_report,
    write_training_report,
)
from rexpand.report.findings import cautions, finding, sampler_finding
from rexpand.report.finetuning_page import (
    finetuning_page,
    write_finetuning_report,
)
from rexpand.report.front_rows import (
    FrontRow,
    StudyRow,
    front_rows,
    fronts_findings,
    fronts_rows,
)
from rexpand.report.front_section import front_findings
from rexpand.report.fronts_page import fronts_page, write_fronts_report
from rexpand.report.guidelines_page import guidelines_page, write_guidelines_report
from rexpand.report.latency_page import latency_page, write_latency_report
from rexpand.report.layers_page import layers_page, write_layers_report
from rexpand.report.network_rank_page import (
    network_rank_page,
    write_network_rank_report,
)
from rexpand.report.networks import NetworkRow, network_row
from rexpand.report.proxies_section import ProxyRow, proxy_findings, proxy_rows
from rexpand.report.pruning_section import pruning_findings
from rexpand.report.roofline_page import roofline_page, write_roofline_report
from rexpand.report.study_page import study_page
from rexpand.report.table_card import table_card
from rexpand.report.tables import GroupRow, TrialRow, group_rows, trial_rows
from rexpand.report.training_page import training_page
from rexpand.report.upgrade_page import upgrade_page, write_upgrade_report

__all__ = [
    "BudgetRow",
    "DetectionResult",
    "FrontRow",
    "GroupRow",
    "NetworkRow",
    "ProxyRow",
    "ReportFiles",
    "ShapeBudgetRow",
    "StudyRow",
    "TrialRow",
    "budget_rows",
    "budgets_page",
    "cautions",
    "design_page",
    "detection_page",
    "factor_page",
    "factorial_page",
    "failures_line",
    "finding",
    "finetuning_page",
    "front_findings",
    "front_rows",
    "fronts_findings",
    "fronts_page",
    "fronts_rows",
    "group_rows",
    "guidelines_page",
    "latency_page",
    "layers_page",
    "network_rank_page",
    "network_row",
    "proxy_findings",
    "proxy_rows",
    "pruning_findings",
    "result_of",
    "roofline_page",
    "sampler_finding",
    "shape_budget_rows",
    "shape_rows",
    "study_page",
    "table_card",
    "training_page",
    "trial_rows",
    "upgrade_page",
    "verdict_sentence",
    "write_budgets_report",
    "write_channels_report",
    "write_design_report",
    "write_detection_report",
    "write_factor_report",
    "write_factorial_report",
    "write_finetuning_report",
    "write_fronts_report",
    "write_guidelines_report",
    "write_latency_report",
    "write_layers_report",
    "write_network_rank_report",
    "write_roofline_report",
    "write_study_report",
    "write_training_report",
    "write_upgrade_report",
]
