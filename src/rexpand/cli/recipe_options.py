"""The options that choose a recipe and change it, for every verb that trains.

Each named option is short for a `--set`; `--set` is applied last and reaches any field.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import note, print_json
from rexpand.cli.numbers import number
from rexpand.cli.option_groups import spread
from rexpand.cli.options import (
    Ema,
    Epochs,
    Optimizer,
    RecipeName,
    Schedule,
    WeightDecay,
)
from rexpand.ranges import BATCH_SIZE, LEARNING_RATE

if TYPE_CHECKING:
    from rexpand.recipe import Change, DetectionRecipe, Recipe

Show = Annotated[
    bool,
    typer.Option(
        "--show", help="Print the recipe as TOML with every field, and do nothing else."
    ),
]


@dataclass(frozen=True, kw_only=True)
class RecipeOptions:
    """What the command line says of the recipe."""

    recipe: RecipeName = None
    epochs: Epochs = None
    batch_size: Annotated[
        int | None, number(BATCH_SIZE, "--batch-size", help="Images per step.")
    ] = None
    learning_rate: Annotated[
        float | None,
        number(
            LEARNING_RATE,
            "--learning-rate",
            "--lr",
            help="Learning rate at its peak.",
        ),
    ] = None
    optimizer: Optimizer = None
    weight_decay: WeightDecay = None
    schedule: Schedule = None
    augment: Annotated[
        str | None,
        typer.Option(
            "--augment",
            metavar="RECIPE",
            help="Take the augmentation of this recipe, e.g. plain or paper; or none.",
        ),
    ] = None
    ema: Ema = None
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Change a field of the recipe, e.g. optimizer.momentum=0.95; may be "
            "repeated. --show prints the fields.",
        ),
    ] = None

    def chosen(self, default: "Callable[[], Recipe]") -> "Recipe":
        """The recipe that was asked for, or the default one, with its changes.

        Raises UnknownNameError or SpecError, each with the way out.
        """
        from rexpand.recipe import Change, changed, find_recipe

        recipe = find_recipe(self.recipe) if self.recipe else default()
        recipe = changed(recipe, [*self._named()])
        recipe = recipe.with_epochs(self.epochs) if self.epochs else recipe
        recipe = changed(recipe, [Change.parse(text) for text in self.sets or ()])
        _note_cut_short(recipe)
        return recipe

    def _named(self) -> "Iterator[Change]":
        """The changes that have an option of their own; tables before their fields."""
        from rexpand.codec import to_content
        from rexpand.recipe import Augmentation, Change, find_recipe

        if self.augment:
            given = (
                Augmentation()
                if self.augment == "none"
                else find_recipe(self.augment).augmentation
            )
            yield Change(place="augmentation", value=to_content(given))
        named = {
            "optimizer": self.optimizer,
            "schedule": self.schedule,
            "optimizer.learning_rate": self.learning_rate,
            "optimizer.weight_decay": self.weight_decay,
            "batch_size": self.batch_size,
            "averaging.decay": self.ema,
        }
        for place, value in named.items():
            if value is not None:
                yield Change(place=place, value=value)


def _note_cut_short(recipe: "Recipe") -> None:
    """A line for the person where patience may cut off the end of a falling schedule."""
    from rexpand.recipe import Cosine, Linear

    if recipe.patience and isinstance(recipe.schedule, Cosine | Linear):
        note(
            f"patience {recipe.patience} may stop a training before its "
            f"{recipe.schedule.kind} schedule has brought the learning rate to 0, and "
            "those epochs gain the most; set patience to 0, or schedule to constant "
            "(measured in results/early_stopping)"
        )


def takes_recipe(verb: Callable[..., None]) -> Callable[..., None]:
    """The verb with the options of a recipe where it has the parameter `asked`.

    They are the fields of that parameter's dataclass.
    """
    return spread(verb, "asked")


def print_recipe(recipe: "Recipe | DetectionRecipe", as_json: bool) -> None:
    """The recipe with every field, as a file that --recipe takes, or as JSON."""
    from rexpand.codec import to_content
    from rexpand.recipe import recipe_to_toml

    if as_json:
        print_json(to_content(recipe))
    else:
        print(recipe_to_toml(recipe), end="")
