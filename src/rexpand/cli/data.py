"""`rexpand data`: the data sets."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Annotated

import typer

from rexpand.cli.console import help_if_alone, print_json, print_table
from rexpand.cli.data_detection import print_detection
from rexpand.cli.options import DataRoot, Json
from rexpand.cli.places import checked_folder, output_folder

_LISTED = 3  # findings of a kind; --json has all

app = typer.Typer(
    help="List, fetch and check data sets.",
    invoke_without_command=True,
    callback=help_if_alone,
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="DATA", help="A name from `rexpand data list`, a path, or hf:PLACE."
    ),
]


@app.command("list")
def list_data(as_json: Json = False) -> None:
    """The data sets that have a name.

    --data also takes the path of an .npz file, or of a folder of images or of WebDataset
    shards; and hf:PLACE, a data set of Hugging Face (a folder, or a name on the hub).
    """
    from rexpand.data.catalogue import describe_all

    known = describe_all()
    if as_json:
        print_json([asdict(info) for info in known])
        return
    print_table(
        ("name", "images", "classes", "pixels", "download", "layout"),
        (
            (i.name, i.images, i.classes, i.resolution, _yes(i.can_download), i.layout)
            for i in known
        ),
    )


def _yes(claim: bool) -> str:
    return "yes" if claim else "no"


@app.command()
def fetch(
    name: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A name with a download in `rexpand data list`."
        ),
    ],
    data_root: Annotated[
        Path | None,
        output_folder(
            "--data-root",
            help="Download into this folder (default: $REXPAND_DATA if set, else ./data).",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Download a data set with the library that owns it."""
    from rexpand.data.load import load
    from rexpand.data.places import root_folder

    root = checked_folder(root_folder(data_root))
    found = load(name, root=root, download=True)
    if as_json:
        document = {
            "name": found.name,
            "train_images": len(found.train),
            "test_images": len(found.test),
            "classes": found.num_classes,
            "root": str(root),
        }
        print_json(document)
        return
    print(f"{found.name}: {len(found.train)} + {len(found.test)} images in {root}")


@app.command()
def check(name: Name, data_root: DataRoot = None, as_json: Json = False) -> None:
    """Decode and count every image; name corrupt and duplicate ones.

    Of a folder with annotations (COCO, Pascal VOC, LabelMe) every object is looked at
    too, and each kind of defect counted.
    """
    from rexpand.data.catalogue import CATALOGUE
    from rexpand.data.check import check as check_data
    from rexpand.data.detection import check_detection, is_detection

    if name not in CATALOGUE and is_detection(name, data_root):
        found = check_detection(name, data_root)
        print_json(asdict(found)) if as_json else print_detection(found)
        return
    report = check_data(name, data_root)
    if as_json:
        print_json(asdict(report))
        return
    for field in fields(report):
        print(
            f"{field.name.replace('_', ' '):<26} {_shown(getattr(report, field.name))}"
        )


def _shown(value: object) -> str:
    """A field of the check for a person: of many findings the first few."""
    if isinstance(value, Mapping):
        value = tuple(f"{count} {mode}" for mode, count in value.items())
    if not isinstance(value, tuple):
        return str(value)
    more = [f"{len(value) - _LISTED} more"] if len(value) > _LISTED else []
    return ", ".join([*map(_word, value[:_LISTED]), *more]) or "none"


def _word(finding: object) -> str:
    from rexpand.data.check import Duplicate

    if isinstance(finding, Duplicate):
        other = "" if finding.is_same_class else ", of another class"
        return f"{finding.image} (the same as {finding.first}{other})"
    return f"{finding:.4f}" if isinstance(finding, float) else str(finding)
