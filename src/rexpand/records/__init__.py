"""What every run leaves behind: versioned JSON, written atomically."""

from rexpand.records.collapse import Collapse, collapses
from rexpand.records.factors import FactorRow, FactorSummary, Interval
from rexpand.records.files import append_line, write_atomic
from rexpand.records.guidelines import (
    GuidelineFinding,
    GuidelineRow,
    GuidelineStudy,
    GuidelineVerdict,
    MedianSpread,
    Platform,
    PublishedSpeed,
    Quartiles,
)
from rexpand.records.layers import (
    AxisRow,
    LayerPoint,
    LayerStudy,
    PanelDeviation,
    PublishedPoint,
    SensitivityStudy,
    Verdict,
)
from rexpand.records.machine import Machine, library_versions, this_machine
from rexpand.records.record import BlockRank, Epoch, Record
from rexpand.records.spectra import LayerKind, LayerRank, NetworkRank
from rexpand.records.study import (
    GroupSummary,
    PermutationTest,
    StudySummary,
    TrialSummary,
)

__all__ = [
    "AxisRow",
    "BlockRank",
    "Collapse",
    "Epoch",
    "FactorRow",
    "FactorSummary",
    "GroupSummary",
    "GuidelineFinding",
    "GuidelineRow",
    "GuidelineStudy",
    "GuidelineVerdict",
    "Interval",
    "LayerKind",
    "LayerPoint",
    "LayerRank",
    "LayerStudy",
    "Machine",
    "MedianSpread",
    "NetworkRank",
    "PanelDeviation",
    "PermutationTest",
    "Platform",
    "PublishedPoint",
    "PublishedSpeed",
    "Quartiles",
    "Record",
    "SensitivityStudy",
    "StudySummary",
    "TrialSummary",
    "Verdict",
    "append_line",
    "collapses",
    "library_versions",
    "this_machine",
    "write_atomic",
]
