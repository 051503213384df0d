"""What the verbs of `rexpand detect` say of a detector that is trained."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rexpand.cli.console import print_json

if TYPE_CHECKING:
    from rexpand.cli.progress import TrainingBar
    from rexpand.records import DetectionEpoch, DetectionRecord, DetectionScores
    from rexpand.train import Forecast, Steps


class DetectorBar:
    """Tells the bar of a training what a detector reached."""

    def __init__(self, bar: "TrainingBar") -> None:
        self._bar = bar

    def begin(self, name: str, *, epochs: int, epoch: int, images: int) -> None:
        self._bar.begin(name, epochs=epochs, epoch=epoch, images=images)

    def advance(self, images: int) -> None:
        self._bar.advance(images)

    def end_steps(self, steps: "Steps") -> None: ...

    def end_epoch(self, epoch: "DetectionEpoch") -> None:
        measures = {"box AP": epoch.box_ap, "mask AP": epoch.mask_ap}
        said = "".join(f"  {n} {m:.3f}" for n, m in measures.items() if m is not None)
        self._bar.end_epoch_at(epoch.epoch, f"loss {epoch.loss:.3f}{said}")

    def expect(self, forecast: "Forecast") -> None:
        self._bar.expect(forecast)

    def alarm(self, message: str) -> None:
        self._bar.alarm(message)

    def end(self) -> None:
        self._bar.end()


def print_record(record: "DetectionRecord", folder: Path, as_json: bool) -> None:
    if as_json:
        print_json(_document(record, folder))
        return
    print(f"{record.name} on {record.data}: {measured(record.scores)}")
    if record.started_from:
        print(f"started from {record.started_from}")
    for change in record.changes:
        print(change)
    print(f"wrote {folder}")


def _document(record: "DetectionRecord", folder: Path) -> dict[str, Any]:
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
