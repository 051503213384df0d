"""Count the detectors of the ReXNet paper's Tables 6, 7 and 9, and write the counts down.

    python scripts/detection_costs.py [--out results/detection]

Nothing is measured: a count is the same on every machine. cost.csv has a row per printed
one, with the macs of every part; cost.md is the table of docs/detection.md.
"""

import argparse
import csv
from pathlib import Path

from rexpand.transfer.detection.published import PRINTED_DETECTORS, PrintedDetector
from rexpand.transfer.detection.published_cost import cost_of_printed

_PARTS = ("backbone", "extra", "pyramid", "proposals", "heads", "boxes", "masks")
_TITLES = {
    "ssdlite": "SSDLite",
    "faster_rcnn": "Faster R-CNN",
    "mask_rcnn": "Mask R-CNN",
}


def counted(row: PrintedDetector) -> dict[str, object]:
    """A row of cost.csv."""
    cost = cost_of_printed(row)
    parts = {part.name: part.cost.macs for part in cost.parts}
    return {
        "detector": row.detector,
        "backbone": row.backbone,
        "classes": row.classes,
        "height": cost.height,
        "width": cost.width,
        "boxes": cost.proposals,
        "params": cost.total.params,
        "params_printed": row.params,
        "macs": cost.total.macs,
        "macs_printed": row.macs,
        "source": row.source,
        **{f"macs_{part}": parts.get(part, "") for part in _PARTS},
    }


def table(rows: list[dict[str, object]]) -> str:
    """The rows for people."""
    lines = [
        "| detector | backbone | classes | params | printed | macs | printed | where |",
        "|---|---|--:|--:|--:|--:|--:|---|",
    ]
    for row in rows:
        params, macs = int(str(row["params"])), int(str(row["macs"]))
        digits = 3 if row["detector"] == "ssdlite" else 1
        lines.append(
            f"| {_TITLES[str(row['detector'])]} | `{row['backbone']}` | {row['classes']} "
            f"| {params / 1e6:.3f}M | {row['params_printed']} | {macs / 1e9:.{digits}f}B "
            f"| {row['macs_printed']} | {row['source']} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("results/detection"))
    out = parser.parse_args().out
    rows = [counted(row) for row in PRINTED_DETECTORS]
    out.mkdir(parents=True, exist_ok=True)
    with (out / "cost.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    (out / "cost.md").write_text(table(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
