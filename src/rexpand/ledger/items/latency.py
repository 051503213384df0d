"""Table 5 and Figure 3: costs of ReXNet and EfficientNet, and their latencies."""

from collections.abc import Iterator
from pathlib import Path

from rexpand.latency.table5 import PRINTED, ClaimFinding, claim_findings
from rexpand.ledger.item import Item, Needs, Protocol, Read, Step
from rexpand.ledger.items.costs import cost_rows
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, judged, not_run
from rexpand.ledger.tables import networks
from rexpand.records import LatencyStudy, read_record

_FOLDER = "latency"
_STEP = Step(
    folder=_FOLDER,
    arguments=(
        "bench",
        *(name for name in PRINTED if "lite" not in name),
        *("--runtime", "torch,onnxruntime", "--threads", "1"),
    ),
    result="latency.json",
)
_NEEDS = Needs(hours=1.0)


def _table5(root: Path) -> Reading:
    study = read_record(LatencyStudy, root / _FOLDER / "latency.json")
    found = [each for each in claim_findings([study]) if each.threads == 1]
    return Reading(
        rows=(
            *cost_rows("table-5"),
            *_on_a_gpu(),
            *(_ratio(each) for each in found if each.precision == "fp32"),
        ),
        provenances=(study.provenance,),
    )


def _figure3(root: Path) -> Reading:
    study = read_record(LatencyStudy, root / _FOLDER / "latency.json")
    return Reading(
        rows=tuple(_ratio(each) for each in claim_findings([study])),
        provenances=(study.provenance,),
    )


def _ratio(found: ClaimFinding) -> Row:
    claim = found.claim
    way = f"{found.runtime} {found.precision}, threads {found.threads}"
    return judged(
        f"latency of {claim.slower} over {claim.faster}, {way}",
        f"{claim.at_least:.2f} or more",
        found.verdict,
        f"the printed milliseconds have the ratio {claim.printed:.2f}",
        ours=found.ratio.median,
        unit="ratio",
        count=found.ratio.count,
        low=found.ratio.least,
        high=found.ratio.most,
    )


def _on_a_gpu() -> Iterator[Row]:
    for printed in networks("table-5"):
        if printed.gpu_ms:
            yield not_run(
                f"{printed.label}: latency of 64 images",
                printed.gpu_ms,
                "ms on a V100",
                "latencies on a V100",
            )


def _item(name: str, title: str, source: str, says: str, read: Read) -> Item:
    return Item(
        name=name,
        title=title,
        source=f"arXiv 2007.00992, {source}",
        protocols=(
            Protocol(
                name="this machine", says=says, read=read, steps=(_STEP,), needs=_NEEDS
            ),
        ),
    )


ITEMS = (
    _item(
        "table-5",
        "ReXNet and EfficientNet: cost and latency",
        "Table 5",
        "costs are counted; latencies are of this machine, one thread, float32; "
        "accuracies and the V100's latencies are not run",
        _table5,
    ),
    _item(
        "figure-3",
        "accuracy against latency",
        "Figure 3",
        "latencies are of this machine, in every runtime of the record; accuracies are "
        "the published ones",
        _figure3,
    ),
)
