"""From a detector and annotated images to weights and a record."""

import time
from collections.abc import Sequence
from functools import partial
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
    DetectionScores,
    Provenance,
    this_provenance,
    write_atomic,
)
from rexpand.records.detection import DETECTOR
from rexpand.records.record import RECORD, forget_states, kept_record
from rexpand.train.checkpoints import Interval, StateFiles
from rexpand.train.memory import peak
from rexpand.transfer.detection.average_precision import scores_of
from rexpand.transfer.detection.building import Detector
from rexpand.transfer.detection.checkpoint import save_detector
from rexpand.transfer.detection.design import DetectionDesign, detection_folder
from rexpand.transfer.detection.epoch import judged, with_epoch
from rexpand.transfer.detection.mistakes import mistakes_of
from rexpand.transfer.detection.prediction import Prediction
from rexpand.transfer.detection.progress import DetectionProgress, Nobody
from rexpand.transfer.detection.run import DetectionRun, prepared
from rexpand.transfer.detection.state import Done, put_back, state_of

_COLOURS = 3
_LIBRARIES = ("rexpand", "torch", "torchvision", "accelerate", "faster-coco-eval")


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
    launcher has started several processes, all of them call this, alike. Raises
    StudyError if the folder holds a training with other settings, or another process is
    at work there, DataError for other classes than the detector's, or masks that are not
    there, and DivergedError if the loss is not finite.
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
    every, told = checkpoint_every or Interval(), progress or Nobody()
    if not launched().is_main:  # the main process leaves the files, and speaks
        run = prepared(design, data, detector)
        return _followed(run, folder, every, Nobody())
    place = detection_folder(folder)
    place.check_own()
    run = prepared(design, data, detector)
    with place.given_up_if_refused():
        place.create(design, _provenance(run))
        with place.locked():
            return _followed(run, folder, every, told)


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


def _followed(
    run: DetectionRun, folder: Path, every: Interval, progress: DetectionProgress
) -> DetectionRecord:
    """The record of a training that is over, or that is trained to its end now."""
    kept = run.processes.of_main(lambda: kept_record(DetectionRecord, folder, DETECTOR))
    if kept:
        return kept
    files = StateFiles(folder, every, run.processes)
    done = _standing(run, files, progress)
    progress.begin(
        f"{run.design.spec.detector} on {run.design.spec.backbone.name}",
        epochs=run.recipe.epochs,
        epoch=len(done.epochs),
        images=run.cut.trained,
    )
    while len(done.epochs) < run.recipe.epochs:
        done = with_epoch(run, done, progress, files)
        files.write(partial(state_of, run.trained, run.design, done))
    started = time.perf_counter()
    predictions = run.predictions()
    scores = scores_of(predictions, run.data.held_out)
    record = _record(run, done, scores, time.perf_counter() - started)
    run.processes.of_main(lambda: _leave(run, record, predictions, folder))
    progress.end()
    return record


def _standing(
    run: DetectionRun, files: StateFiles, progress: DetectionProgress
) -> Done:
    """Where the last state that is whole stands, which is put back."""
    found = files.first_whole((files.last, files.earlier), progress.alarm)
    if found is None:
        return Done()
    state, path = found
    return put_back(state, path, run.trained, run.design)


def _record(
    run: DetectionRun, done: Done, scores: DetectionScores, seconds: float
) -> DetectionRecord:
    """The record of a training whose epochs are over, judged within `seconds`."""
    *before, last = done.epochs
    last = judged(last, scores, seconds)
    return DetectionRecord(
        spec=run.design.spec,
        recipe=run.recipe,
        data=run.design.data,
        seed=run.design.seed,
        params=sum(each.numel() for each in run.trained.judged.parameters()),
        images=len(run.data.train),
        epochs=(*before, last),
        scores=scores,
        peak_memory_mb=peak(run.accelerator.device) / 2**20,
        provenance=_provenance(run),
        started_from=run.design.started_from,
    )


def _leave(
    run: DetectionRun,
    record: DetectionRecord,
    predictions: Sequence[Prediction],
    folder: Path,
) -> None:
    """The weights, the mistakes, then the record; the states go."""
    save_detector(run.trained.judged, folder / DETECTOR, run.data.class_names)
    mistakes = mistakes_of(predictions, run.data.held_out, record.scores)
    write_atomic(folder / DETECTION_MISTAKES, to_line(mistakes))
    write_atomic(folder / RECORD, to_line(record))
    forget_states(folder)


def _provenance(run: DetectionRun) -> Provenance:
    return this_provenance(
        _LIBRARIES,
        threads=torch.get_num_threads(),
        device=run.accelerator.device.type,
        seeds=(run.design.seed,),
        data_fingerprint=run.design.data_fingerprint,
        processes=run.processes.count,
    )
