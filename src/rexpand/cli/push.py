"""`rexpand push`: a trained network to the Hugging Face hub, with a model card."""

from pathlib import Path
from typing import Annotated, Any

import typer

from rexpand.cli.console import print_json
from rexpand.cli.options import Json
from rexpand.cli.places import output_folder


def push(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", help="A folder of `rexpand train`, or a checkpoint."
        ),
    ],
    repository: Annotated[
        str, typer.Argument(metavar="OWNER/NAME", help="The repository on the hub.")
    ],
    license: Annotated[
        str,
        typer.Option(
            "--license",
            metavar="LICENSE",
            help="The license of the weights, by the hub's name: mit, apache-2.0, ...",
        ),
    ],
    onnx: Annotated[
        Path | None,
        typer.Option(
            "--onnx",
            metavar="FILE",
            help="Also push this file of `rexpand export`, as network.onnx.",
        ),
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Make a new repository private.")
    ] = False,
    out: Annotated[
        Path | None,
        output_folder("--out", help="Write the files here, and push nothing."),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Print the model card, and push nothing."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Publish a trained network on the Hugging Face hub.

    Pushes the weights and a model card. Every verb then takes hf:OWNER/NAME as NETWORK.
    Of several seeds the first is pushed, and the card gives the accuracy of all.
    """
    from rexpand.hub import card, publication, push, write_files

    found = publication(path, repository, license=license, onnx=onnx)
    document: dict[str, Any] = {
        "repository": found.repository,
        "license": found.license,
        "weights": str(found.weights),
        "accuracies": list(found.accuracies),
        "network": f"hf:{found.repository}",
    }
    if dry_run:
        document["card"] = line = card(found)
    elif out is not None:
        files = [*map(str, write_files(found, out))]
        document["files"], line = files, f"wrote {', '.join(files)}"
    else:
        document["url"] = url = push(found, private=private)
        line = f"pushed {found.weights} to {url}; hf:{found.repository} names it"
    if as_json:
        print_json(document)
    else:
        print(line)
