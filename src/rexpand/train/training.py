"""From a spec and a recipe to weights and a record."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from rexpand.codec import to_line
from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.launch import launched
from rexpand.models import condensed, save_network
from rexpand.rank import effective_rank, nuclear_norm
from rexpand.recipe import Recipe
from rexpand.records import (
    Provenance,
    Record,
    passport_of,
    this_provenance,
    write_atomic,
)
from rexpand.records.record import (
    JUDGEMENT,
    RECORD,
    WEIGHTS,
    forget_states,
    kept_record,
)
from rexpand.spec import NetworkSpec, SpecLike, as_spec
from rexpand.train.asked import asked
from rexpand.train.checkpoints import Interval
from rexpand.train.course import Course, followed, is_over
from rexpand.train.design import TrainingDesign, training_folder
from rexpand.train.evaluation import penultimate_spectrum
from rexpand.train.judging import judge
from rexpand.train.memory import peak
from rexpand.train.progress import Progress, Silence
from rexpand.train.run import Run
from rexpand.train.start import Start
from rexpand.train.state import Progressed
from rexpand.train.teaching import Teacher
from rexpand.train.unfolding import unfolded

_LIBRARIES = ("rexpand", "torch", "accelerate", "numpy")


def train(
    spec: SpecLike,
    recipe: Recipe | str | None = None,
    data: DataSet | str = "digits",
    *,
    seed: int = 0,
    folder: str | Path,
    start: Start | None = None,
    teacher: Teacher | None = None,
    progress: Progress | None = None,
    until_epoch: int | None = None,
    checkpoint_every: Interval | None = None,
    allow_change: bool = False,
) -> Record:
    """Train a network, or go on where the folder's state stands; leave a record.

        record = train("search_18", "quick", "digits", folder="runs/first")
        record.accuracy  # percent, of the images that record.evaluated_on names

    Network, recipe and data are values or names, as on the command line; without a
    recipe it is the data set's, and NETWORK@WEIGHTS is a start.

    The spec is fitted to the data's classes, channels and resolution. With `start`
    training begins with its weights, and the images are fed as they want them; `spec`
    must be theirs. The scores of a `teacher` are targets beside the labels. Batch norms that are folded into its other weights get statistics of
    the training images, where the recipe lets them learn. The folder gets
    `state.safetensors` after every epoch, and inside one after `checkpoint_every` (10
    minutes); at the end `network.safetensors` and `record.json` take its place. With
    `until_epoch` training pauses there. A run that was killed and resumed gives the same
    bits on a CPU as one that was not. Where a launcher has started several processes, all
    of them call this, alike. With `allow_change` it goes on with another recipe, where
    that leaves the network, the images and the batches as they are; the record says from
    where on. Raises StudyError if the folder holds a training with other settings, or
    another process is at work there.
    """
    folder = Path(folder)
    given = asked(spec, recipe, data, start)
    recipe, data, start = given.recipe, given.data, given.start
    if start is not None:
        start = start.for_images(data.resolution)
        data = data.seen_as(start.contract)
        start = unfolded(start, data.train, recipe)
    design = TrainingDesign(
        spec=regularised(fitted(given.spec, data), recipe),
        recipe=recipe,
        seed=seed,
        data=data.name,
        images=len(data.train),
        data_fingerprint=data.fingerprint,
        started_from=start.origin if start else None,
        distillation=teacher.distillation if teacher else None,
    )
    course = Course(
        design=design,
        data=data,
        start=start,
        folder=folder,
        progress=progress or Silence(),
        until_epoch=until_epoch,
        checkpoint_every=checkpoint_every or Interval(),
        allow_change=allow_change,
        teacher=teacher,
    )
    if not launched().is_main:  # the main process leaves the files, and speaks
        return _trained(replace(course, progress=Silence()), course.fresh())
    place = training_folder(folder)
    place.check_own()
    run = course.fresh()
    with place.given_up_if_refused():
        provenance = _provenance(run)
        saved = place.create(design, provenance, allow_change=allow_change)

        def settle() -> None:
            if saved != design:
                place.change(design, provenance)

        with place.locked():
            return _trained(course, run, settle)


def _trained(
    course: Course, run: Run, settle: Callable[[], None] = lambda: None
) -> Record:
    """The record of a training that is over, or that is trained now.

    `settle` is called when nothing stands in the way of going on.
    """
    kept = run.processes.of_main(lambda: kept_record(Record, course.folder, WEIGHTS))
    if kept:
        course.progress.end()
        return kept
    checkpoints = course.checkpoints(run)
    done = checkpoints.put_back(course.progress.alarm)
    settle()
    run, done = followed(course, run, checkpoints, done)
    record = run.processes.of_main(lambda: _left(run, done, course.folder))
    if is_over(run, done):
        course.progress.end()
    return record


def _left(run: Run, done: Progressed, folder: Path) -> Record:
    """The record of a run as it stands, which is written where the run is over."""
    record = _record(run, done)
    if is_over(run, done):
        record = _finished(run, record, folder)
        forget_states(folder)
    return record


def fitted(spec: SpecLike, data: DataSet) -> NetworkSpec:
    """The spec for the data's images and classes."""
    spec = as_spec(spec)
    spec = spec.for_images(resolution=data.resolution, in_channels=data.in_channels)
    return spec.with_classes(data.num_classes)


def regularised(spec: NetworkSpec, recipe: Recipe) -> NetworkSpec:
    """The spec with the recipe's dropout and stochastic depth, where it has some."""
    if recipe.dropout is not None:
        spec = replace(spec, head=replace(spec.head, dropout=recipe.dropout))
    if recipe.drop_path is not None:
        spec = replace(spec, drop_path=recipe.drop_path)
    return spec


def _record(run: Run, done: Progressed) -> Record:
    """The record of a run as it stands."""
    kept = done.epochs[-1 if done.best is None else done.best]
    cost = cost_of(run.network.spec)
    return Record(
        spec=run.design.spec,
        recipe=run.recipe,
        data=run.design.data,
        seed=run.design.seed,
        params=cost.params,
        macs=cost.macs,
        accuracy=kept.accuracy,
        loss=kept.held_out_loss,
        evaluated_on="validation" if run.recipe.validation else "test",
        images=len(run.train),
        evaluated_images=len(run.held_out),
        epochs=done.epochs,
        stopped_early=done.stops_early(run.recipe.patience),
        best_epoch=done.best,
        seconds=done.seconds,
        peak_memory_mb=peak(run.device) / 2**20,
        provenance=_provenance(run),
        started_from=run.design.started_from,
        start_accuracy=run.start_accuracy,
        contract=run.contract.without_names(),
        changes=done.changes,
        distillation=run.design.distillation,
    )


def _finished(run: Run, record: Record, folder: Path) -> Record:
    """The record as it is written, with the rank if asked for; the weights come first."""
    run.trained.return_to_best()
    if run.recipe.nuclear_norm:
        record = _with_rank(run, record)
    judgement = judge(
        run.judged,
        run.held_out,
        run.device,
        run.cut.size,
        run.contract.class_names,
    )
    write_atomic(folder / JUDGEMENT, to_line(judgement))
    save_network(
        condensed(run.judged), folder / WEIGHTS, run.contract, passport_of(record)
    )
    write_atomic(folder / RECORD, to_line(record))
    return record


def _provenance(run: Run) -> Provenance:
    return this_provenance(
        _LIBRARIES,
        threads=torch.get_num_threads(),
        device=run.device.type,
        seeds=(run.design.seed,),
        data_fingerprint=run.design.data_fingerprint,
        processes=run.processes.count,
    )


def _with_rank(run: Run, record: Record) -> Record:
    """The record with the rank of the penultimate features of the held-out images."""
    device = run.device
    values = penultimate_spectrum(
        run.judged, run.held_out, device, run.cut.size
    ).singular_values()
    return replace(
        record,
        nuclear_norm=float(nuclear_norm(values)),
        effective_rank=float(effective_rank(values)),
    )
