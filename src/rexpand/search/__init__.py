"""The search for channel configurations: design, driver, workers, analysis.

The names below load on first use: not all of them need torch.
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.search.comparison import (
        Comparison,
        ComparisonSummary,
        create_comparison_folder,
        run_comparison,
        summarise_comparison,
    )
    from rexpand.search.design import (
        StudyDesign,
        create_folder,
        priced_for,
        read_design,
    )
    from rexpand.search.driver import StudyProgress, search
    from rexpand.search.factor_design import (
        FactorDesign,
        create_factor_folder,
        read_factor_design,
        table_2,
    )
    from rexpand.search.factor_settings import FACTOR_SETTINGS, FactorSetting
    from rexpand.search.factor_summary import summarise_factors
    from rexpand.search.factor_widths import Factors, Frame, two_bottlenecks
    from rexpand.search.factors import run_factors
    from rexpand.search.summary import summarise, winner
    from rexpand.search.worker import Task, evaluate
    from rexpand.search.workers import InProcess, Processes, Workers

__all__ = [
    "FACTOR_SETTINGS",
    "Comparison",
    "ComparisonSummary",
    "FactorDesign",
    "FactorSetting",
    "Factors",
    "Frame",
    "InProcess",
    "Processes",
    "StudyDesign",
    "StudyProgress",
    "Task",
    "Workers",
    "create_comparison_folder",
    "create_factor_folder",
    "create_folder",
    "evaluate",
    "priced_for",
    "read_design",
    "read_factor_design",
    "run_comparison",
    "run_factors",
    "search",
    "summarise",
    "summarise_comparison",
    "summarise_factors",
    "table_2",
    "two_bottlenecks",
    "winner",
]

__getattr__ = on_first_use(
    __name__,
    {
        "rexpand.search.comparison": (
            "Comparison",
            "ComparisonSummary",
            "create_comparison_folder",
            "run_comparison",
            "summarise_comparison",
        ),
        "rexpand.search.design": (
            "StudyDesign",
            "create_folder",
            "priced_for",
            "read_design",
        ),
        "rexpand.search.driver": (
            "StudyProgress",
            "search",
        ),
        "rexpand.search.factor_design": (
            "FactorDesign",
            "create_factor_folder",
            "read_factor_design",
            "table_2",
        ),
        "rexpand.search.factor_settings": (
            "FACTOR_SETTINGS",
            "FactorSetting",
        ),
        "rexpand.search.factor_summary": ("summarise_factors",),
        "rexpand.search.factor_widths": (
            "Factors",
            "Frame",
            "two_bottlenecks",
        ),
        "rexpand.search.factors": ("run_factors",),
        "rexpand.search.summary": (
            "summarise",
            "winner",
        ),
        "rexpand.search.worker": (
            "Task",
            "evaluate",
        ),
        "rexpand.search.workers": (
            "InProcess",
            "Processes",
            "Workers",
        ),
    },
)
