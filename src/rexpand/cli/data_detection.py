"""What `rexpand data check` says of annotated images."""

from typing import TYPE_CHECKING

from rexpand.cli.console import print_table

if TYPE_CHECKING:
    from rexpand.data.detection import DetectionReport


def print_detection(report: "DetectionReport") -> None:
    """The parts, then each kind of defect with the first of it; --json has all."""
    print(f"{report.name}: {report.layout}, {report.classes} classes\n")
    print_table(
        ("part", "is", "files", "images", "background", "objects", "crowds", "masks"),
        (
            (
                part.name,
                _use(part.name, report),
                part.annotation_files,
                part.images,
                part.background_images,
                part.instances,
                part.crowds,
                part.masks,
            )
            for part in report.parts
        ),
    )
    kinds = [("stops", report.stopping), ("harmless", report.harmless)]
    rows = [
        (word, kind, len(said), said[0])
        for word, found in kinds
        for kind, said in found.items()
    ]
    print()
    if rows:
        print_table(("defect", "kind", "number", "the first"), rows)
    else:
        print("no defect")


def _use(part: str, report: "DetectionReport") -> str:
    if part == report.is_held_out:
        return "held out"
    if part != report.trains:
        return "left out"
    return "training" if report.is_held_out else "training, a share held out"
