"""`rexpand predict`: the classes of images without labels."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import note, note_converted, print_json
from rexpand.cli.device import Device, device_in_use, use_device
from rexpand.cli.numbers import number
from rexpand.cli.opening import Classifier, opened_classifier
from rexpand.cli.options import Json, NetworkOrFile, Resolution
from rexpand.cli.places import output_file
from rexpand.ranges import FORWARD_BATCH, SOME_CLASSES

if TYPE_CHECKING:
    from rexpand.data.streams import StreamSplit
    from rexpand.train.prediction import Prediction

_SUFFIXES = (".csv", ".json")
_FAILED = 1


def predict(
    network: NetworkOrFile,
    images: Annotated[
        list[Path],
        typer.Argument(
            metavar="IMAGES",
            help="Image files, or folders of JPEG and PNG files at any depth.",
        ),
    ],
    top: Annotated[
        int,
        number(SOME_CLASSES, "--top", help="The N most probable classes."),
    ] = 5,
    batch_size: Annotated[
        int, number(FORWARD_BATCH, "--batch-size", help="Images per forward pass.")
    ] = 256,
    resolution: Resolution = None,
    device: Device = "auto",
    out: Annotated[
        Path | None,
        output_file(
            "--out", help="Write to this .csv or .json file instead of printing."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Name the most probable classes of images.

    Images are prepared as the weights expect them: size, crop and normalisation. An
    exported file runs in its own runtime. An image that cannot be read is reported, the
    rest is done, and the exit code is 1.
    """
    use_device(device)
    from rexpand.data.unlabelled import unlabelled
    from rexpand.errors import DataError

    if out is not None and out.suffix not in _SUFFIXES:
        raise DataError(f"'{out}' is neither a .csv nor a .json file")
    opened = opened_classifier(network)
    contract = opened.contract
    split = unlabelled(images, contract, resolution)
    if not contract.is_known:
        note(
            f"the images that {network} expects are not known; mean and std are a guess"
        )
    found = _predicted(opened, split, top, batch_size)
    document = {
        "network": opened.label,
        "weights": opened.weights,
        "contract": asdict(contract.fed_by(split.contract).without_names()),
        "images": sum(not each.problem for each in found),
        "unreadable": sum(bool(each.problem) for each in found),
        "predictions": [_entry(each) for each in found],
    }
    if out is not None:
        _write(out, document, found)
    if as_json:
        print_json(document)
    elif out is None:
        _show(found)
    note_converted(split)
    for each in found:
        if each.problem:
            note(each.problem)
    if document["unreadable"]:
        note(f"{document['unreadable']} of {len(found)} images could not be read")
        raise typer.Exit(_FAILED)


def _predicted(
    opened: Classifier, split: "StreamSplit", top: int, batch_size: int
) -> "list[Prediction]":
    import torch

    from rexpand.cli.count_bar import CountBar
    from rexpand.train import predict as predict_classes

    device = device_in_use()
    module = opened.module.to(device).to(memory_format=torch.channels_last)
    found = []
    with CountBar("images", len(split)) as bar:
        for prediction in predict_classes(
            module,
            split,
            device,
            class_names=opened.contract.class_names,
            top=top,
            batch_size=batch_size,
        ):
            found.append(prediction)
            bar.advance(1)
    return found


def _entry(prediction: "Prediction") -> dict[str, Any]:
    if prediction.problem:
        return {"file": prediction.file, "problem": prediction.problem}
    return {
        "file": prediction.file,
        "classes": [
            {"class": each.name, "place": each.place, "probability": each.probability}
            for each in prediction.guesses
        ],
    }


def _write(out: Path, document: dict[str, Any], found: "Sequence[Prediction]") -> None:
    from rexpand.records import write_atomic

    if out.suffix == ".json":
        write_atomic(out, json.dumps(document, indent=2) + "\n")
    else:
        write_atomic(out, _csv(found))
    note(f"wrote {out}")


def _csv(found: "Sequence[Prediction]") -> str:
    """A row per image and class, and one per image that could not be read."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("file", "rank", "class", "place", "probability", "problem"))
    for each in found:
        if each.problem:
            writer.writerow((each.file, "", "", "", "", each.problem))
        for rank, guess in enumerate(each.guesses, start=1):
            row = (each.file, rank, guess.name, guess.place, guess.probability, "")
            writer.writerow(row)
    return text.getvalue()


def _show(found: "Sequence[Prediction]") -> None:
    for each in found:
        if not each.problem:
            guesses = (f"{g.name} {100 * g.probability:.1f} %" for g in each.guesses)
            print(f"{each.file}: {', '.join(guesses)}")
