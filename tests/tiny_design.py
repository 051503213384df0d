"""A plan of few epochs that does not depend on the machine's speed."""

from dataclasses import replace
from pathlib import Path

from rexpand.codec import to_document
from rexpand.design.candidates import candidates_at, sizes_for
from rexpand.design.looking import look
from rexpand.design.order import PLAN, DesignOrder, order_folder
from rexpand.recipe import SGD, Augmentation, Recipe
from rexpand.records import write_atomic
from rexpand.records.design import DesignPlan, DesignStep, TimeShare
from rexpand.search.design import design_provenance

RECIPE = Recipe(
    epochs=1,
    batch_size=32,
    optimizer=SGD(learning_rate=0.05),
    augmentation=Augmentation(crop_padding=1),
)


def tiny_plan(order: DesignOrder) -> DesignPlan:
    """Two families and two sizes, one epoch of each; seconds that buy the least."""
    data = look(order.data, None)
    sizes = sizes_for(data, order.budget)
    there = [*candidates_at(sizes[0], data, order.budget)]
    timed = [
        replace(each, images_per_second=100.0, ready_seconds=0.1)
        for each in there
        if each.network in ("search_18", "mobilenetv2_100")
    ]
    steps: tuple[DesignStep, ...] = ("trials", "search", "training", "evaluation")
    return DesignPlan(
        data=data,
        budget_macs=order.macs,
        budget_params=order.params,
        most_latency_ms=order.most_latency_ms,
        runtime=order.runtime,
        seconds=1.0,
        teacher=order.teacher,
        candidates=tuple(timed),
        sizes=sizes[:2],
        left_out=(),
        reasons=("made for a test",),
        shares=tuple(
            TimeShare(step=step, seconds=0.25, trainings=1, epochs=1, reason="a test")
            for step in steps
        ),
        search_recipe=replace(RECIPE, validation=data.held_out),
        recipe=RECIPE,
        provenance=design_provenance(),
    )


def with_plan(order: DesignOrder, folder: Path) -> Path:
    """The folder of a design whose plan is made, and nothing else."""
    order_folder(folder).create(order, design_provenance())
    write_atomic(folder / PLAN, to_document(tiny_plan(order)))
    return folder
