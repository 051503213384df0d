"""The records in results/ are read by the rexpand that they lie beside."""

from pathlib import Path

import pytest

from rexpand.ledger import ItemRecord
from rexpand.records import (
    ComparisonSummary,
    DetectionRecord,
    FactorialSummary,
    FactorSummary,
    FineTuningSummary,
    Gate,
    GuidelineStudy,
    LatencyStudy,
    LatencyTable,
    LayerStudy,
    NetworkRanks,
    ProxyComparison,
    Record,
    ScalingSummary,
    SensitivityStudy,
    read_record,
)
from rexpand.search.comparison import comparison_folder
from rexpand.search.factor_design import factor_folder
from rexpand.search.factorial_design import factorial_folder
from rexpand.search.scaling import scaling_folder
from rexpand.transfer import finetuning_folder

RESULTS = Path(__file__).parents[2] / "results"
KINDS = {
    "proxies/*/proxies.json": ProxyComparison,
    "rank/layers.json": LayerStudy,
    "rank/xavier/layers.json": LayerStudy,
    "rank/axes.json": SensitivityStudy,
    "rank/*/spectra.json": NetworkRanks,
    "rank/factors/summary.json": FactorSummary,
    "rank/factors/rows/*/*/record.json": Record,
    "contrasts/*/*/record.json": Record,
    "detection/training/*/record.json": DetectionRecord,
    "gate/*.json": Gate,
    "guidelines/guidelines.json": GuidelineStudy,
    "latency/latency.json": LatencyStudy,
    "ledger/*.json": ItemRecord,
    "latency_tables/*.json": LatencyTable,
    "scaling/summary.json": ScalingSummary,
    "scaling/candidates/*/*/record.json": Record,
    "train_factors/summary.json": FactorialSummary,
    "train_factors/cells/*/*/record.json": Record,
    "training/*/*/record.json": Record,
    "upgrade/verdict.json": ComparisonSummary,
    "finetune/*/summary.json": FineTuningSummary,
}
FILES = [
    pytest.param(kind, path, id=str(path.relative_to(RESULTS)))
    for pattern, kind in KINDS.items()
    for path in sorted(RESULTS.glob(pattern))
]


@pytest.mark.parametrize(("kind", "path"), FILES)
def test_a_committed_record_reads(kind: type, path: Path) -> None:
    record = read_record(kind, path)

    # Field by field, as its own kind.
    assert isinstance(record, kind)


def test_committed_designs_read() -> None:
    factors = factor_folder(RESULTS / "rank/factors").read()
    factorial = factorial_folder(RESULTS / "train_factors").read()
    comparison = comparison_folder(RESULTS / "upgrade").read()

    assert len(factors.cells) == 4
    assert len(factorial.cells) == 16
    assert comparison.seeds == 5
    assert len(scaling_folder(RESULTS / "scaling").read().candidates) == 5
    for path in RESULTS.glob("finetune/*/finetuning.json"):
        assert finetuning_folder(path.parent).read().seeds == 5


def test_every_document_in_results_has_a_kind_here() -> None:
    known = {path for pattern in KINDS for path in RESULTS.glob(pattern)}
    designs = {
        RESULTS / "rank/factors/factors.json",
        RESULTS / "train_factors/factorial.json",
        RESULTS / "upgrade/comparison.json",
        RESULTS / "scaling/scaling.json",
        *RESULTS.glob("finetune/*/finetuning.json"),
    }

    assert {*RESULTS.glob("**/*.json")} == known | designs
