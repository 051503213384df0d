"""`--prune`: by which rule trials of a search are stopped early."""

from enum import StrEnum
from typing import Annotated

import typer


class PruningName(StrEnum):
    """The rules by name."""

    NONE = "none"
    MEDIAN = "median"
    HALVING = "halving"


Prune = Annotated[
    PruningName,
    typer.Option(
        "--prune",
        help="Stop trials early: by median, those below the median of the complete ones; "
        "by halving, all but the best third after a ninth and a third of the epochs. One "
        "trial in five is trained in full, and tells the error.",
    ),
]
