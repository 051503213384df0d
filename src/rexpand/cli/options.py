"""The arguments and options that several verbs share."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rexpand.budget import Budget

_FACTORS = {"": 1.0, "k": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "B": 1e9}
_QUANTITY = re.compile(r"([0-9]+\.?[0-9]*(?:e[0-9]+)?)([kMmGB]?)")


def quantity(text: str) -> float:
    """A number with an optional k, M or G (papers' B): 400M is 400,000,000."""
    found = _QUANTITY.fullmatch(text.replace(",", "").replace("_", ""))
    if not found:
        raise typer.BadParameter(f"'{text}' is not a number; write 400M, 1.5G or 205k")
    return float(found[1]) * _FACTORS[found[2]]


def bounded(macs: float | None, params: float | None) -> "Budget":
    """The budget of --macs and --params; BudgetError where neither is given."""
    from rexpand.budget import Budget
    from rexpand.errors import BudgetError

    if macs is None and params is None:
        raise BudgetError(
            "the budget is empty; give --macs and/or --params, e.g. --macs 300M"
        )
    return Budget(macs=macs, params=params)


NETWORK_HELP = (
    "A name from `rexpand list`, optionally with :control=value,...; a spec file, a "
    "checkpoint, timm:NAME, torchvision:NAME or package.module:factory. Add @FILE to "
    "load weights."
)
Network = Annotated[str, typer.Argument(metavar="NETWORK[@WEIGHTS]", help=NETWORK_HELP)]
Resolution = Annotated[
    int | None,
    typer.Option(
        "--resolution",
        min=1,
        help="Side of the image in pixels (default: the network's own).",
    ),
]
FeedAt = Annotated[
    int | None,
    typer.Option(
        "--resolution",
        min=1,
        help="Side of the images in pixels (default: that of weights or of a spec file; "
        "else the data set's own, or 224 for image files).",
    ),
]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else.")
]
Macs = Annotated[
    float | None,
    typer.Option(
        "--macs",
        "--flops",
        parser=quantity,
        metavar="N",
        help='At most N multiply-accumulates per image ("FLOPs" in papers), e.g. 400M.',
    ),
]
Params = Annotated[
    float | None,
    typer.Option(
        "--params",
        parser=quantity,
        metavar="N",
        help="At most N parameters, e.g. 5M.",
    ),
]
MultipleOf = Annotated[
    int,
    typer.Option("--multiple-of", min=1, help="Round channels to multiples of this."),
]
Data = Annotated[
    str,
    typer.Option(
        "--data",
        help="A name from `rexpand data list`, an .npz file or an image folder.",
    ),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        "--data-root",
        help="Folder of the data sets (default: $REXPAND_DATA if set, else ./data).",
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option(
        "--recipe",
        help="How to train: cifar, digits, folder, imagenet, quick, search, or a .toml "
        "file (default: the recipe for --data).",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option("--epochs", min=1, help="Number of epochs (default: the recipe's)."),
]
TrainSubset = Annotated[
    int,
    typer.Option(
        "--train-subset",
        min=0,
        metavar="N",
        help="Use only N training images (0: all of them).",
    ),
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", min=1, metavar="N", help="Train N networks at a time."),
]
