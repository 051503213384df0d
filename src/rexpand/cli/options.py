"""The arguments and options that several verbs share."""

import re
from pathlib import Path
from typing import Annotated

import typer

_FACTORS = {"": 1.0, "k": 1e3, "M": 1e6, "m": 1e6, "G": 1e9, "B": 1e9}
_QUANTITY = re.compile(r"([0-9]+\.?[0-9]*(?:e[0-9]+)?)([kMmGB]?)")


def quantity(text: str) -> float:
    """A number with an optional k, M or G (papers' B): 400M is 400,000,000."""
    found = _QUANTITY.fullmatch(text.replace(",", "").replace("_", ""))
    if not found:
        raise typer.BadParameter(f"'{text}' is no number; write 400M, 1.5G or 205k")
    return float(found[1]) * _FACTORS[found[2]]


Network = Annotated[
    str,
    typer.Argument(
        metavar="NETWORK[@WEIGHTS]",
        help="A name of `rexpand list`, with :control=value,... if you like; a spec "
        "file, a checkpoint, timm:NAME, torchvision:NAME or package.module:factory. "
        "@FILE gives it weights.",
    ),
]
Resolution = Annotated[
    int | None,
    typer.Option(
        "--resolution", min=1, help="Side of the image, pixels; else the network's own."
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
        help="Most multiply-accumulates an image (papers' FLOPs): 400M.",
    ),
]
Params = Annotated[
    float | None,
    typer.Option("--params", parser=quantity, metavar="N", help="Most parameters: 5M."),
]
MultipleOf = Annotated[
    int, typer.Option("--multiple-of", min=1, help="Round channels to multiples.")
]
Data = Annotated[
    str,
    typer.Option(
        "--data", help="A name of `rexpand data list`, an .npz file or an image folder."
    ),
]
DataRoot = Annotated[
    Path | None,
    typer.Option(
        "--data-root", help="Where data sets lie; else $REXPAND_DATA, else ./data."
    ),
]
RecipeName = Annotated[
    str | None,
    typer.Option(
        "--recipe", help="cifar, digits, folder, imagenet, quick, search, or a .toml."
    ),
]
Epochs = Annotated[
    int | None, typer.Option("--epochs", min=1, help="Instead of the recipe's.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="The run folder; the default is named.")
]
