"""The search for channel configurations: design, driver, workers, analysis."""

from rexpand.search.design import StudyDesign, create_folder, priced_for, read_design
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
