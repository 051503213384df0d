"""How the recipe of a training changed on the way."""

from collections.abc import Iterable

from rexpand.records import RecipeChange
from rexpand.report import markup
from rexpand.report.markup import Cell, Column

_COLUMNS = (
    Column(title="Seed", is_number=True),
    Column(title="Field"),
    Column(title="Before"),
    Column(title="After"),
    Column(title="From epoch", is_number=True),
    Column(title="Step", is_number=True, hint="of that epoch, from 1"),
    Column(title="Why"),
)
_WHY = {
    "asked": "asked for",
    "diverged": "the loss was not finite; training went back to an earlier state",
}


def recipe_changes(of_seeds: Iterable[tuple[int, RecipeChange]]) -> str:
    """A row per change of a field, with its seed; empty where no recipe changed."""
    rows = [_cells(seed, each) for seed, each in of_seeds]
    if not rows:
        return ""
    caption = (
        "Fields of the recipe that changed while training was under way: steps from the "
        "one named on have the new value."
    )
    return markup.section(
        "Changes of the recipe", markup.table(_COLUMNS, rows, caption), "changes"
    )


def _cells(seed: int, change: RecipeChange) -> list[Cell]:
    return [
        _number(seed),
        Cell(text=change.field),
        Cell(text=change.before),
        Cell(text=change.after),
        _number(change.epoch + 1),
        _number(change.step + 1),
        Cell(text=_WHY[change.reason]),
    ]


def _number(value: int) -> Cell:
    return Cell(text=f"{value}", value=value, is_number=True)
