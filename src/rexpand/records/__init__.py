"""What every run leaves behind: versioned JSON, written atomically."""

from rexpand.records.budgets import BudgetComparison, BudgetStudy
from rexpand.records.collapse import Collapse, collapses
from rexpand.records.comparison import ComparisonSummary, Side, VerdictWord
from rexpand.records.detection import DetectionEpoch, DetectionRecord
from rexpand.records.detection_mistakes import (
    DETECTION_MISTAKES,
    DetectionMistakes,
    FalsePositive,
    KindCount,
    Miss,
    MistakeKind,
    detection_mistakes_of,
)
from rexpand.records.detection_scores import (
    ClassScores,
    DetectionConfusion,
    DetectionScores,
    OperatingPoint,
    PrecisionCurve,
    RegionScores,
)
from rexpand.records.experiment import ExperimentFolder, is_at_work
from rexpand.records.factorial import (
    Effect,
    Factor,
    FactorialRow,
    FactorialSummary,
    SeedsNeeded,
    SeedSpread,
)
from rexpand.records.factors import FactorRow, FactorSummary
from rexpand.records.files import read_record, write_atomic
from rexpand.records.finetuning import FineTuningSummary, TriedRate
from rexpand.records.gate import Gate, GateRow
from rexpand.records.guidelines import (
    GuidelineFinding,
    GuidelineRow,
    GuidelineStudy,
    GuidelineVerdict,
    Platform,
    PublishedSpeed,
)
from rexpand.records.judgement import (
    Confusion,
    Example,
    Judgement,
    judgement_of,
    together,
)
from rexpand.records.latency import (
    Fingerprint,
    LatencyComparison,
    LatencyRow,
    LatencyStudy,
    LatencyVerdict,
    Steadiness,
)
from rexpand.records.latency_table import (
    ConfigurationReading,
    LatencyModel,
    LatencyTable,
    PredictionError,
    SectionModel,
    SectionReading,
    section_names,
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
from rexpand.records.passport import (
    PASSPORT,
    Passport,
    passport_of,
    read_passport,
)
from rexpand.records.provenance import Provenance, merged, this_provenance
from rexpand.records.proxies import ProxyComparison, ProxyScores
from rexpand.records.record import BlockRank, Epoch, RecipeChange, Record
from rexpand.records.scaling import ScalingRow, ScalingSummary
from rexpand.records.search_table import (
    EqualGrowth,
    SearchTable,
    ShapeVerdict,
    StudyGap,
    TableRow,
    TableStudy,
)
from rexpand.records.spectra import LayerKind, LayerRank, NetworkRank, NetworkRanks
from rexpand.records.spread import (
    Interval,
    MedianSpread,
    Quartiles,
    sample_std,
)
from rexpand.records.study import (
    GroupSummary,
    LatencySource,
    LineBand,
    PermutationTest,
    StudySummary,
    TrialSummary,
)
from rexpand.records.study_front import (
    Front,
    FrontComparison,
    FrontTrial,
    Hypervolume,
    HypervolumeDifference,
    StudyFront,
)
from rexpand.records.study_latency import (
    LatencyBatch,
    StudyLatency,
    TrialLatency,
    TrialReadings,
)
from rexpand.records.study_pruning import (
    RankingError,
    ShortTraining,
    StoppingOutcome,
)
from rexpand.records.study_shapes import ShapeSummary, Span
from rexpand.records.study_statistics import (
    ErrorDistribution,
    RankingNoise,
    ShapeAccuracy,
    ShapeComparison,
)
from rexpand.records.tasks import Workers, in_turn, outcomes

__all__ = [
    "DETECTION_MISTAKES",
    "PASSPORT",
    "AxisRow",
    "BlockRank",
    "BudgetComparison",
    "BudgetStudy",
    "ClassScores",
    "Collapse",
    "ComparisonSummary",
    "ConfigurationReading",
    "Confusion",
    "DetectionConfusion",
    "DetectionEpoch",
    "DetectionMistakes",
    "DetectionRecord",
    "DetectionScores",
    "Effect",
    "Epoch",
    "EqualGrowth",
    "ErrorDistribution",
    "Example",
    "ExperimentFolder",
    "Factor",
    "FactorRow",
    "FactorSummary",
    "FactorialRow",
    "FactorialSummary",
    "FalsePositive",
    "FineTuningSummary",
    "Fingerprint",
    "Front",
    "FrontComparison",
    "FrontTrial",
    "Gate",
    "GateRow",
    "GroupSummary",
    "GuidelineFinding",
    "GuidelineRow",
    "GuidelineStudy",
    "GuidelineVerdict",
    "Hypervolume",
    "HypervolumeDifference",
    "Interval",
    "Judgement",
    "KindCount",
    "LatencyBatch",
    "LatencyComparison",
    "LatencyModel",
    "LatencyRow",
    "LatencySource",
    "LatencyStudy",
    "LatencyTable",
    "LatencyVerdict",
    "LayerKind",
    "LayerPoint",
    "LayerRank",
    "LayerStudy",
    "LineBand",
    "Machine",
    "MedianSpread",
    "Miss",
    "MistakeKind",
    "NetworkRank",
    "NetworkRanks",
    "OperatingPoint",
    "PanelDeviation",
    "Passport",
    "PermutationTest",
    "Platform",
    "PrecisionCurve",
    "PredictionError",
    "Provenance",
    "ProxyComparison",
    "ProxyScores",
    "PublishedPoint",
    "PublishedSpeed",
    "Quartiles",
    "RankingError",
    "RankingNoise",
    "RecipeChange",
    "Record",
    "RegionScores",
    "ScalingRow",
    "ScalingSummary",
    "SearchTable",
    "SectionModel",
    "SectionReading",
    "SeedSpread",
    "SeedsNeeded",
    "SensitivityStudy",
    "ShapeAccuracy",
    "ShapeComparison",
    "ShapeSummary",
    "ShapeVerdict",
    "ShortTraining",
    "Side",
    "Span",
    "Steadiness",
    "StoppingOutcome",
    "StudyFront",
    "StudyGap",
    "StudyLatency",
    "StudySummary",
    "TableRow",
    "TableStudy",
    "TrialLatency",
    "TrialReadings",
    "TrialSummary",
    "TriedRate",
    "Verdict",
    "VerdictWord",
    "Workers",
    "collapses",
    "detection_mistakes_of",
    "in_turn",
    "is_at_work",
    "judgement_of",
    "library_versions",
    "merged",
    "outcomes",
    "passport_of",
    "read_passport",
    "read_record",
    "sample_std",
    "section_names",
    "this_machine",
    "this_provenance",
    "together",
    "write_atomic",
]
