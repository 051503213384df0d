"""Tables 6, 7 and 9: detectors, what they cost and how precise they are printed to be."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rexpand.ledger.item import counted_item
from rexpand.ledger.reading import Reading
from rexpand.ledger.row import Row, counted, not_run
from rexpand.ledger.tables import PrintedPrecision, precisions

_FIGURES = ("box_ap", "box_ap50", "box_ap75", "mask_ap", "mask_ap50", "mask_ap75")
_NOT_TRAINED = "average precisions of trainings on COCO"
_KINDS = {"table-6": "ssdlite", "table-7": "faster_rcnn", "table-9": "mask_rcnn"}


def _read(table: str, root: Path) -> Reading:
    return Reading(rows=(*_costs(table), *_precisions(precisions(table))))


def _costs(table: str) -> Iterator[Row]:
    from rexpand.transfer.detection.published import PRINTED_DETECTORS
    from rexpand.transfer.detection.published_cost import cost_of_printed

    for row in PRINTED_DETECTORS:
        if row.detector == _KINDS[table]:
            total = cost_of_printed(row).total
            for figure, printed in (("params", row.params), ("macs", row.macs)):
                yield counted(
                    f"{row.backbone}: {figure}",
                    printed,
                    getattr(total, figure),
                    figure,
                    f"{row.source}; with {row.classes} classes",
                )


def _precisions(rows: tuple[PrintedPrecision, ...]) -> Iterator[Row]:
    for row in rows:
        for figure in _FIGURES:
            if printed := getattr(row, figure):
                yield not_run(f"{row.label}: {figure}", printed, "%", _NOT_TRAINED)


_SAYS = "params and macs are counted; average precisions, from trainings on COCO, are not run"
ITEMS = (
    counted_item(
        "table-6",
        "SSDLite",
        "arXiv 2007.00992, Table 6",
        _SAYS,
        partial(_read, "table-6"),
    ),
    counted_item(
        "table-7",
        "Faster R-CNN",
        "arXiv 2007.00992, Table 7",
        _SAYS,
        partial(_read, "table-7"),
    ),
    counted_item(
        "table-9",
        "Mask R-CNN",
        "arXiv 2007.00992, Table 9",
        _SAYS,
        partial(_read, "table-9"),
    ),
)
