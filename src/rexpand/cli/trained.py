"""What `rexpand train` prints and leaves when every seed is trained."""

from pathlib import Path
from statistics import mean
from typing import TYPE_CHECKING, Any

from rexpand.cli.console import note, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rexpand.records import Record


def leave_reports(records: "list[Record]", folder: Path) -> None:
    """A page per seed and one over several, where the report extra is installed."""
    from rexpand.errors import MissingExtraError
    from rexpand.records import judgement_of, together
    from rexpand.report import write_training_report

    try:
        places = [folder / f"seed-{record.seed}" for record in records]
        judgements = [*map(judgement_of, places)]
        for record, place, judgement in zip(records, places, judgements, strict=True):
            write_training_report([record], place, judgement)
        if len(records) > 1:
            write_training_report(records, folder, together(judgements))
    except MissingExtraError as missing:
        note(f"no report: {missing}")


def print_records(records: "list[Record]", folder: Path, as_json: bool) -> None:
    """The accuracies over all seeds, and what a person has to know of them."""
    if as_json:
        print_json(_document(records, folder))
        return
    first = records[0]
    accuracies = written([record.accuracy for record in records])
    print(
        f"{first.spec.name} on {first.data}: {accuracies}, "
        f"{first.evaluated_images:,} {first.evaluated_on} images"
    )
    if first.started_from:
        print(f"started from {first.started_from}: {_before_training(first)}")
    for record in records:
        for change in record.changes:
            print(f"seed {record.seed}: {change}")
    if first.contract:
        print(f"images: {first.contract}")
    print(f"wrote {folder}")


def _document(records: "list[Record]", folder: Path) -> dict[str, Any]:
    from rexpand.records import sample_std

    first, accuracies = records[0], [record.accuracy for record in records]
    return {
        "network": first.spec.name,
        "data": first.data,
        "params": first.params,
        "macs": first.macs,
        "started_from": first.started_from,
        "start_accuracy": first.start_accuracy,
        "evaluated_on": first.evaluated_on,
        "evaluated_images": first.evaluated_images,
        "seeds": len(records),
        "accuracy": mean(accuracies),
        "accuracy_std": sample_std(accuracies),
        "accuracies": accuracies,
        "folder": str(folder),
    }


def _before_training(record: "Record") -> str:
    if record.start_accuracy is None:
        return "the classifier is new"
    return f"{record.start_accuracy:.2f} % before training"


def written(accuracies: "Sequence[float]") -> str:
    """Accuracies in percent as mean, standard deviation of the sample, and number."""
    from rexpand.records import sample_std

    std = sample_std(accuracies)
    if std is None:
        return f"{mean(accuracies):.2f} %, 1 seed"
    return f"{mean(accuracies):.2f} ± {std:.2f} %, {len(accuracies)} seeds"
