"""A training that goes on with a changed recipe, and what its record says of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rexpand.errors import CheckpointError, StudyError
from rexpand.recipe import Recipe
from rexpand.records import RecipeChange
from rexpand.records.differences import Difference, differences, listed
from rexpand.train.state import Progressed

_RECIPE = "recipe."
_RATE = f"{_RECIPE}optimizer.learning_rate"


def changes_since(
    saved: object, asked: object, path: Path, may_change: Sequence[str]
) -> list[Difference]:
    """What changed since the state in `path` was written for the design `saved`.

    Raises CheckpointError for what is outside of `may_change`.
    """
    found = differences(saved, asked)
    fixed = [each for each in found if not each.is_in(may_change)]
    if fixed:
        raise CheckpointError(
            f"{path} is of another training: {listed(fixed)}; give another folder to "
            "start anew"
        )
    return found


def asked_changes(
    found: Sequence[Difference], epoch: int, step: int
) -> tuple[RecipeChange, ...]:
    """The changes of a recipe that hold from a step of an epoch on, as a record has them."""
    return tuple(
        RecipeChange(
            epoch=epoch,
            step=step,
            field=each.place.removeprefix(_RECIPE),
            before=json.dumps(each.saved),
            after=json.dumps(each.asked),
            reason="asked",
        )
        for each in found
    )


def check_epochs(epochs: int, begun: int) -> None:
    """Raise StudyError for fewer epochs than are done or begun."""
    if epochs < begun:
        raise StudyError(
            f"epochs {epochs} is less than the {begun} that are done or begun; "
            f"give {begun} or more"
        )


def with_changes(
    done: Progressed, recipe: Recipe, found: Sequence[Difference]
) -> Progressed:
    """What is done, to go on with a recipe that differs from the one before.

    A new learning rate is not halved. Without patience the last epoch will be kept.
    Raises StudyError for fewer epochs than are done or begun.
    """
    check_epochs(recipe.epochs, len(done.epochs) + (done.under_way is not None))
    new = asked_changes(found, len(done.epochs), done.steps_begun)
    has_new_rate = any(each.place == _RATE for each in found)
    return replace(
        done,
        changes=(*done.changes, *new),
        rate_scale=1.0 if has_new_rate else done.rate_scale,
        best=done.best if recipe.patience else None,
    )
