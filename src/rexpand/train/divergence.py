"""A loss that is not finite: the training stops, or goes back once to an earlier state."""

from dataclasses import replace

from rexpand.errors import DivergedError
from rexpand.recipe import Recipe
from rexpand.records import RecipeChange
from rexpand.train.state import Progressed
from rexpand.train.under_way import NotFiniteError

_SLOWER = 0.5  # of the learning rate, after the training has gone back
_FIELD = "optimizer.learning_rate"


def diverged(
    network: str, recipe: Recipe, done: Progressed, found: NotFiniteError
) -> DivergedError:
    """The error of an epoch whose loss was found not to be finite."""
    rate = done.rate_scale * recipe.optimizer.learning_rate
    epoch = len(done.epochs) + 1
    way_out = f"lower learning_rate, now {rate:g}"
    if recipe.on_divergence == "stop":
        way_out += ", or set on_divergence to roll_back"
    return DivergedError(
        f"the loss of {network} is {found.loss} in epoch {epoch}, by step {found.steps}; "
        f"{way_out}"
    )


def goes_back(recipe: Recipe, done: Progressed) -> bool:
    """Whether a training that diverged goes back: where the recipe says so, and once."""
    return recipe.on_divergence == "roll_back" and done.rate_scale == 1


def slower(recipe: Recipe, state: Progressed) -> Progressed:
    """An earlier state with half the learning rate for whatever follows."""
    rate = recipe.optimizer.learning_rate
    change = RecipeChange(
        epoch=len(state.epochs),
        step=state.steps_begun,
        field=_FIELD,
        before=repr(rate),
        after=repr(rate * _SLOWER),
        reason="diverged",
    )
    return replace(state, rate_scale=_SLOWER, changes=(*state.changes, change))
