"""The search for channel configurations: design, driver, workers, analysis.

The names below load on first use: not all of them need torch.
"""

from typing import TYPE_CHECKING

from rexpand.surface import on_first_use

if TYPE_CHECKING:
    from rexpand.search.design import (
        StudyDesign,
        create_folder,
        priced_for,
        read_design,
    )
    from rexpand.search.driver import StudyProgress, search
    from rexpand.search.summary import summarise, winner
    from rexpand.search.worker import Task, evaluate
    from rexpand.search.workers import InProcess, Processes, Workers

__all__ = [
    "InProcess",
    "Processes",
    "StudyDesign",
    "StudyProgress",
    "Task",
    "Workers",
    "create_folder",
    "evaluate",
    "priced_for",
    "read_design",
    "search",
    "summarise",
    "winner",
]

__getattr__ = on_first_use(
    __name__,
    {
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
