"""From a detector and annotated images to weights and a record."""

from collections.abc import Callable
from pathlib import Path

import torch

from rexpand.codec import to_line
from rexpand.data.detection import DetectionData
from rexpand.errors import DataError
from rexpand.launch import launched
from rexpand.recipe import DetectionRecipe, find_detection_recipe
from rexpand.records import (
    DETECTION_MISTAKES,
    DetectionRecord,
    Provenance,
    this_provenance,
    write_atomic,
)
from rexpand.records.detection import DETECTOR
from rexpand.records.record import RECORD, forget_states, kept_record
from rexpand.train.checkpoints import Interval, StateFiles
from rexpand.train.forecast import Forecast
from rexpand.train.memory import peak
from rexpand.train.plan import foretold
from rexpand.train.progress import Silence
from rexpand.transfer.detection.building import Detector
from rexpand.transfer.detection.checkpoint import save_detector
from rexpand.transfer.detection.course import DetectionCourse, followed
from rexpand.transfer.detection.design import DetectionDesign, detection_folder
from rexpand.transfer.detection.mistakes import mistakes_of
from rexpand.transfer.detection.predictions import LIBRARIES
from rexpand.transfer.detection.progress import DetectionProgress
from rexpand.transfer.detection.run import DetectionRun, Judged, prepared
from rexpand.transfer.detection.state import Done

_COLOURS = 3


def train_detector(
    detector: Detector,
    data: DetectionData,
    recipe: DetectionRecipe | str = "quick",
    *,
    seed: int = 0,
    folder: str | Path,
    started_from: str | None = None,
    progress: DetectionProgress | None = None,
    checkpoint_every: Interval | None = None,
    allow_change: bool = False,
) -> DetectionRecord:
    """Train a detector, or go on where the folder's state stands; leave a record.

        data = load_detection("FOLDER")
        detector = ssdlite("mobilenetv2_100@FILE", len(data.class_names))
        record = train_detector(detector, data, "quick", folder="runs/first")
        record.scores.box_ap  # of the held-out images, from 0 to 1

    Training begins with the weights of `detector`, which it changes. The folder gets
    `state.safetensors` after every epoch, and inside one after `checkpoint_every` (10
    minutes); at the end `detector.safetensors` and `record.json` take its place. A run
    that was killed and resumed gives the same bits on a CPU as one that was not. Where a
    launcher has started several processes, all of them call this, alike. With
    `allow_change` it goes on with another recipe, where that leaves the detector, the
    images and the batches as they are; the record says from where on. Raises StudyError
    if the folder holds a training with other settings, or another process is at work
    there, DataError for other classes than the detector's, or masks that are not there,
    and DivergedError if the loss is not finite.
    """
    folder = Path(folder)
    if isinstance(recipe, str):
        recipe = find_detection_recipe(recipe)
    _check_data(detector, data)
    design = DetectionDesign(
        spec=detector.spec,
        recipe=recipe,
        seed=seed,
        data=data.name,
        class_names=data.class_names,
        images=len(data.train),
        data_fingerprint=data.fingerprint,
        started_from=started_from,
    )

    def course(run: DetectionRun, progress: DetectionProgress) -> DetectionCourse:
        every = checkpoint_every or Interval()
        return DetectionCourse(
            run=run,
            folder=folder,
            files=StateFiles(folder, every, run.processes),
            progress=progress,
            allow_change=allow_change,
        )

    if not launched().is_main:  # the main process leaves the files, and speaks
        return _trained(course(prepared(design, data, detector), Silence()))
    place = detection_folder(folder)
    place.check_own()
    run = prepared(design, data, detector)
    with place.given_up_if_refused():
        provenance = _provenance(run)
        saved = place.create(design, provenance, allow_change=allow_change)

        def settle() -> None:
            if saved != design:
                place.change(design, provenance)

        with place.locked():
            return _trained(course(run, progress or Silence()), settle)


def plan_detector(
    detector: Detector, data: DetectionData, recipe: DetectionRecipe | str = "quick"
) -> Forecast:
    """What `train_detector` would take, by its first steps, which change the detector.

    Raises as it does.
    """
    return foretold(
        lambda folder, progress: train_detector(
            detector, data, recipe, folder=folder, progress=progress
        )
    )


def _check_data(detector: Detector, data: DetectionData) -> None:
    if detector.spec.in_channels != _COLOURS:
        raise DataError(
            f"{detector.spec.backbone.name} takes images of {detector.spec.in_channels} "
            f"channels, and annotated images have {_COLOURS}; give it with "
            f"in_channels={_COLOURS}"
        )
    if detector.spec.num_classes != len(data.class_names):
        raise DataError(
            f"{data.name} has {len(data.class_names)} classes, the detector "
            f"{detector.spec.num_classes}; build it for those of the data"
        )
    if detector.spec.detector == "mask_rcnn" and not data.train.has_masks:
        raise DataError(
            f"not every object of {data.name} has a mask, and mask_rcnn learns from "
            "masks; give annotations with masks, or faster_rcnn"
        )


def _trained(
    course: DetectionCourse, settle: Callable[[], None] = lambda: None
) -> DetectionRecord:
    """The record of a training that is over, or that is trained to its end now.

    `settle` is called when nothing stands in the way of going on.
    """
    run, folder = course.run, course.folder
    kept = run.processes.of_main(lambda: kept_record(DetectionRecord, folder, DETECTOR))
    if kept:
        course.progress.end()
        return kept
    done = course.standing()
    settle()
    done, judged = followed(course, done)
    record = _record(run, done, judged)
    run.processes.of_main(lambda: _leave(run, record, judged, folder))
    course.progress.end()
    return record


def _record(run: DetectionRun, done: Done, judged: Judged) -> DetectionRecord:
    """The record of a training whose epochs are over."""
    return DetectionRecord(
        spec=run.design.spec,
        recipe=run.recipe,
        data=run.design.data,
        seed=run.design.seed,
        params=sum(each.numel() for each in run.trained.judged.parameters()),
        images=len(run.data.train),
        epochs=done.epochs,
        scores=judged.scores,
        peak_memory_mb=peak(run.device) / 2**20,
        provenance=_provenance(run),
        started_from=run.design.started_from,
        changes=done.changes,
    )


def _leave(
    run: DetectionRun, record: DetectionRecord, judged: Judged, folder: Path
) -> None:
    """The weights, the mistakes, then the record; the states go."""
    save_detector(run.trained.judged, folder / DETECTOR, run.data.class_names)
    mistakes = mistakes_of(judged.predictions, run.data.held_out, record.scores)
    write_atomic(folder / DETECTION_MISTAKES, to_line(mistakes))
    write_atomic(folder / RECORD, to_line(record))
    forget_states(folder)


def _provenance(run: DetectionRun) -> Provenance:
    return this_provenance(
        (*LIBRARIES, "accelerate"),
        threads=torch.get_num_threads(),
        device=run.device.type,
        seeds=(run.design.seed,),
        data_fingerprint=run.design.data_fingerprint,
        processes=run.processes.count,
    )
