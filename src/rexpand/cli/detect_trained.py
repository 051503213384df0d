"""What the verbs of `rexpand detect` say of a detector that is trained."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rexpand.cli.console import print_json

if TYPE_CHECKING:
    from rexpand.records import DetectionRecord, DetectionScores


def print_record(record: "DetectionRecord", folder: Path, as_json: bool) -> None:
    if as_json:
        print_json(record_document(record, folder))
        return
    print(f"{record.name} on {record.data}: {measured(record.scores)}")
    if record.started_from:
        print(f"started from {record.started_from}")
    for change in record.changes:
        print(change)
    print(f"wrote {folder}")


def record_document(record: "DetectionRecord", folder: Path) -> dict[str, Any]:
    return {
        "detector": record.spec.detector,
        "network": record.spec.backbone.name,
        "data": record.data,
        "params": record.params,
        "started_from": record.started_from,
        "images": record.images,
        "evaluated_on": "held-out",
        "evaluated_images": record.scores.images,
        **record.scores.headline(),
        "epochs": len(record.epochs),
        "seconds": record.seconds,
        "folder": str(folder),
    }


def measured(scores: "DetectionScores") -> str:
    """The average precisions in one line; they are shares from 0 to 1."""
    named = {"box AP": scores.box_ap, "box AP50": scores.box_ap50}
    if scores.mask:
        named |= {"mask AP": scores.mask.ap, "mask AP50": scores.mask.ap50}
    said = (f"{n} {'-' if m is None else f'{m:.3f}'}" for n, m in named.items())
    return f"{', '.join(said)} ({scores.images:,} images)"
