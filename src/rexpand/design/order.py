"""What a design was asked for, as data and as a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.budget import Budget
from rexpand.errors import StudyError
from rexpand.ranges import DESIGN_HOURS, LATENCY_MS, MACS, NAME, PARAMS, PLACE
from rexpand.records import ExperimentFolder

FILE = "design.json"
PLAN, PROPOSAL, TRAINING = "plan.json", "proposal.json", "training_plan.json"
VERDICT, EXPORT, RESULT = "verdict.json", "export.json", "result.json"
SEARCH, MODEL = "search", "model"  # the study, and what is handed over


@dataclass(frozen=True, kw_only=True)
class DesignOrder:
    """A network for a data set, within a budget, in so many hours.

    `most_latency_ms` bounds what is measured under `runtime`. `teacher` is the
    NETWORK@WEIGHTS whose scores teach the networks beside the labels.
    """

    data: Annotated[str, PLACE]
    hours: Annotated[float, DESIGN_HOURS]
    macs: Annotated[float, MACS] | None = None
    params: Annotated[float, PARAMS] | None = None
    most_latency_ms: Annotated[float, LATENCY_MS] | None = None
    runtime: Annotated[str, NAME] = "onnxruntime"
    teacher: Annotated[str, PLACE] | None = None

    def __post_init__(self) -> None:
        check_fields(self, StudyError)

    @property
    def budget(self) -> Budget:
        """The counts; BudgetError where there is none."""
        return Budget(macs=self.macs, params=self.params)


def order_folder(path: str | Path) -> ExperimentFolder[DesignOrder]:
    """The folder of a design."""
    return ExperimentFolder(
        path=Path(path),
        design=DesignOrder,
        name="design",
        started_by="rexpand design",
        file=FILE,
        version=1,
        results=PLAN,  # before it nothing was trained
    )
