"""The options that say what accuracy is weighed against."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.numbers import Number
from rexpand.errors import MistakeError, quoted
from rexpand.ranges import ELEMENTS, PERCENT

if TYPE_CHECKING:
    from rexpand.search.fronts import Reference

Objectives = Annotated[
    str | None,
    typer.Option(
        "--objectives",
        metavar="COST[,COST]",
        help="Weigh accuracy against one cost or two: macs, params, activations, "
        "memory_access, predicted_latency_ms, or latency_ms as `search measure` measured "
        "it (latency_ms:RUNTIME with several runtimes). Default: measured latency, else "
        "the first count that the budget leaves free.",
    ),
]
ReferencePoint = Annotated[
    str | None,
    typer.Option(
        "--reference",
        metavar="ACCURACY,COST[,COST]",
        help="The point that the hypervolume is counted from, e.g. 60,30M (default: the "
        "lowest accuracy and the highest costs of the trials).",
    ),
]


def names_of(objectives: str | None) -> tuple[str, ...]:
    """The costs that were asked for; none for the usual one."""
    if objectives is None:
        return ()
    return tuple(each.strip() for each in objectives.split(","))


def point_of(reference: str | None, names: Sequence[str]) -> "Reference | None":
    """The reference point of a text, for some costs; for one where none are named.

    Raises MistakeError for a text that is no such point.
    """
    from rexpand.search.fronts import Reference

    if reference is None:
        return None
    accuracy, *bounds = (each.strip() for each in reference.split(","))
    costs = len(names) or 1
    wanted = (
        "an accuracy and a cost" if costs == 1 else f"an accuracy and {costs} costs"
    )
    if len(bounds) != costs:
        raise MistakeError(
            f"the reference point is {quoted(reference)}; give {wanted}, such as 60,30M"
        )
    cost = Number(allowed=ELEMENTS, has_unit=True)
    try:
        return Reference(
            accuracy=Number(allowed=PERCENT)(accuracy),
            costs=tuple(map(cost, bounds)),
        )
    except typer.BadParameter as error:
        raise MistakeError(
            f"the reference point is {quoted(reference)}: {error.message}"
        ) from error
