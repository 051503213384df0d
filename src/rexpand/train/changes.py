"""A training that goes on with a changed recipe, and what its record says of it."""

import json
from dataclasses import replace

from rexpand.errors import StudyError
from rexpand.recipe import Recipe
from rexpand.records import RecipeChange
from rexpand.records.differences import Difference
from rexpand.train.state import Progressed

_RECIPE = "recipe."
_RATE = f"{_RECIPE}optimizer.learning_rate"


def with_changes(
    done: Progressed, recipe: Recipe, differences: list[Difference]
) -> Progressed:
    """What is done, to go on with a recipe that differs from the one before.

    A new learning rate is not halved. Without patience the last epoch will be kept.
    Raises StudyError for fewer epochs than are done or begun.
    """
    begun = len(done.epochs) + (done.under_way is not None)
    if recipe.epochs < begun:
        raise StudyError(
            f"epochs {recipe.epochs} is less than the {begun} that are done or begun; "
            f"give {begun} or more"
        )
    new = tuple(_as_change(each, done) for each in differences)
    has_new_rate = any(each.place == _RATE for each in differences)
    return replace(
        done,
        changes=(*done.changes, *new),
        rate_scale=1.0 if has_new_rate else done.rate_scale,
        best=done.best if recipe.patience else None,
    )


def _as_change(difference: Difference, done: Progressed) -> RecipeChange:
    return RecipeChange(
        epoch=len(done.epochs),
        step=done.steps_begun,
        field=difference.place.removeprefix(_RECIPE),
        before=json.dumps(difference.saved),
        after=json.dumps(difference.asked),
        reason="asked",
    )
