"""A pretrained network made a teacher: fine-tuned where it does not know the classes."""

from dataclasses import dataclass, replace
from math import floor
from pathlib import Path

from rexpand.advise.find import find_start
from rexpand.cost import cost_of
from rexpand.data.dataset import DataSet
from rexpand.data.load import load
from rexpand.design.order import DesignOrder
from rexpand.design.steps import Alike, Course
from rexpand.design.timing import pace_of
from rexpand.errors import SpecError
from rexpand.models import save_network
from rexpand.records import Record, read_record
from rexpand.records.design import DesignPlan, DesignProposal, DesignTeacher
from rexpand.records.record import RECORD, WEIGHTS
from rexpand.search.arms import Arm
from rexpand.search.task import Weights
from rexpand.spec import NetworkSpec, Source
from rexpand.train import Start, fitted
from rexpand.transfer import finetuning_recipe

FILE = "teacher.json"
_FOLDER = "teacher"
_SHARE = 0.25  # of the seconds of the training
_MOST_EPOCHS = 20
_LEAST_MAP = 3  # pixels of the last map: a teacher of fewer sees little
_SIDES = (64, 96, 128, 160, 192, 224)


@dataclass(frozen=True, kw_only=True)
class Taught:
    """The teacher of a design, and the checkpoint that trainings take it from."""

    weights: Weights
    teacher: DesignTeacher


def check_teacher(order: DesignOrder, channels: int) -> None:
    """Raise SpecError for a teacher without weights, or of other images, before any work."""
    if order.teacher is None:
        return
    start = _start(order.teacher)
    if start.contract.channels != channels:
        raise SpecError(
            f"the teacher {order.teacher} takes images of {start.contract.channels} "
            f"channels, and {order.data} has {channels}; give another teacher, or none"
        )


def taught(course: Course, plan: DesignPlan, proposal: DesignProposal) -> Taught | None:
    """The teacher ready to teach; None where none was given."""
    origin = course.order.teacher
    if origin is None:
        return None
    teacher = course.done(
        DesignTeacher, FILE, lambda: _made(course, plan, proposal, origin)
    )
    file = _kept(course) if teacher.epochs == 0 else _tuned(course) / WEIGHTS
    return Taught(weights=Weights(file=file, origin=origin), teacher=teacher)


def _made(
    course: Course, plan: DesignPlan, proposal: DesignProposal, origin: str
) -> DesignTeacher:
    start = _start(origin)
    spec = start.network.spec
    side = _side(spec, proposal.winner.size.resolution)
    data = load(course.order.data, root=course.data_root, resolution=side)
    start = replace(start, contract=start.contract.at(side))
    save_network(start.network, _kept(course), start.contract)
    if start.contract.class_names == data.class_names:
        course.crew.tell(f"the teacher {origin} knows the classes")
        return DesignTeacher(
            origin=origin,
            macs=cost_of(
                spec.for_images(resolution=side, in_channels=spec.in_channels)
            ).macs,
            resolution=side,
            epochs=0,
            accuracy=None,
            seconds=0.0,
        )
    return _finetuned(course, plan, start, data)


def _finetuned(
    course: Course, plan: DesignPlan, start: Start, data: DataSet
) -> DesignTeacher:
    recipe = replace(
        finetuning_recipe(course.order.data, course.data_root), validation=0
    )
    spec = fitted(start.network.spec, data)
    pace = pace_of(spec, recipe, data, start=start)
    seconds = _SHARE * plan.share("training").seconds - pace.ready_seconds
    each = pace.epoch_seconds(len(data.train), len(data.test))
    epochs = min(max(floor(seconds / each), 1), _MOST_EPOCHS)
    arm = Arm(
        name="the teacher",
        spec=spec,
        recipe=recipe.with_epochs(epochs),
        folder=course.folder / _FOLDER,
        weights=Weights(file=_kept(course), origin=start.origin),
    )
    alike = Alike(data=course.order.data)
    took = course.trained("fine-tuning of the teacher", alike, [arm])
    record = read_record(Record, _tuned(course) / RECORD)
    return DesignTeacher(
        origin=start.origin,
        macs=record.macs,
        resolution=data.resolution,
        epochs=epochs,
        accuracy=record.accuracy,
        seconds=took,
    )


def _start(origin: str) -> Start:
    """The weights of the teacher; SpecError where it names none."""
    spec, start = find_start(Source.parse(origin))
    if start is None:
        raise SpecError(
            f"the teacher {spec.name} has no weights; give NETWORK@FILE or a checkpoint"
        )
    return start


def _side(spec: NetworkSpec, least: int) -> int:
    """The side of the teacher's images: the student's, or the least that it sees well."""
    sides = sorted({least, *(side for side in _SIDES if side > least)})
    for side in sides:
        if spec.sizes(side)[-1] >= _LEAST_MAP:
            return side
    return sides[-1]


def _kept(course: Course) -> Path:
    return course.folder / _FOLDER / "start.safetensors"


def _tuned(course: Course) -> Path:
    return course.folder / _FOLDER / "seed-0"
