"""The last trainings: the searched network and the catalogue's, alike, seed by seed."""

from rexpand.data.load import load
from rexpand.design.candidates import spec_of
from rexpand.design.order import TRAINING
from rexpand.design.planning import training_share
from rexpand.design.steps import Alike, Course
from rexpand.design.teaching import Taught
from rexpand.design.timing import pace_of
from rexpand.records import StudySummary
from rexpand.records.design import DesignPlan, DesignProposal, DesignTraining
from rexpand.search.arms import Arm
from rexpand.spec import NetworkSpec, Source
from rexpand.train import teacher_from

SIDES = ("searched", "catalogue")


def plan_training(
    course: Course,
    plan: DesignPlan,
    proposal: DesignProposal,
    searched: tuple[NetworkSpec, StudySummary],
    teacher: Taught | None,
) -> DesignTraining:
    """Epochs and seeds for what is left of the hours; decided once."""
    return course.done(
        DesignTraining,
        TRAINING,
        lambda: _decided(course, plan, proposal, searched, teacher),
    )


def arms_of(
    course: Course,
    plan: DesignPlan,
    proposal: DesignProposal,
    training: DesignTraining,
    network: NetworkSpec,
    teacher: Taught | None,
) -> tuple[Arm, Arm]:
    """Both networks as they are trained, the searched one first."""
    specs = (network, spec_of(proposal.winner, plan.data))
    searched, catalogue = (
        Arm(
            name=f"the {side} network",
            spec=spec,
            recipe=plan.recipe.with_epochs(training.epochs),
            folder=course.folder / side,
            teacher=teacher.weights if teacher else None,
        )
        for side, spec in zip(SIDES, specs, strict=True)
    )
    return searched, catalogue


def train_both(
    course: Course, training: DesignTraining, arms: tuple[Arm, Arm]
) -> float:
    """Train them; the seconds that it took."""
    alike = Alike(data=course.order.data, seeds=training.seeds)
    return course.trained("training of both networks", alike, arms)


def _decided(
    course: Course,
    plan: DesignPlan,
    proposal: DesignProposal,
    searched: tuple[NetworkSpec, StudySummary],
    teacher: Taught | None,
) -> DesignTraining:
    spec, summary = searched
    took = sum(trial.seconds for trial in summary.trials)
    data = load(course.order.data, root=course.data_root, resolution=spec.side)
    ours = None
    if teacher is not None:
        file = Source(kind="checkpoint", name=str(teacher.weights.file))
        ours = teacher_from(file, teacher.weights.origin)
    pace = pace_of(spec, plan.recipe, data, teacher=ours)
    spent = proposal.seconds + took + (teacher.teacher.seconds if teacher else 0.0)
    left = plan.seconds - spent - plan.share("evaluation").seconds
    least = plan.share("training").seconds / 2
    each = pace.epoch_seconds(len(data.train), len(data.test))
    seeds, epochs = training_share(max(left, least), each, pace.ready_seconds)
    best = max(t.accuracy for t in summary.trials if t.accuracy is not None)
    return DesignTraining(
        epochs=epochs,
        seeds=seeds,
        reason=f"{max(left, least) / 60:.1f} of {plan.seconds / 60:.1f} min were left, "
        f"and an epoch takes {each:.3g} s",
        search_seconds=took,
        search_accuracy=best,
        teacher=teacher.teacher if teacher else None,
    )
