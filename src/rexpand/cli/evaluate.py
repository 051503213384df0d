"""`rexpand evaluate`: a network with weights on labelled images."""

from dataclasses import asdict
from typing import Annotated

import typer

from rexpand.cli.console import note, note_converted, note_resized, print_json
from rexpand.cli.device import Device, device_in_use, use_device
from rexpand.cli.opening import opened_classifier
from rexpand.cli.options import DataRoot, Json, NetworkOrFile, Resolution


def evaluate(
    network: NetworkOrFile,
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="DATA",
            help="A name from `rexpand data list`, an .npz file, hf:PLACE, or a "
            "folder of images or of WebDataset shards (test/ or val/ alone is enough).",
        ),
    ] = "digits",
    resolution: Resolution = None,
    data_root: DataRoot = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Top-1, top-5 and loss of a network with weights.

    Images are prepared as the weights expect them: size, crop and normalisation. An
    exported file runs in its own runtime.
    """
    use_device(device)
    import torch

    from rexpand.data.labelled import load_labelled
    from rexpand.train import evaluate as evaluate_network
    from rexpand.train.processes import joined

    opened = opened_classifier(network)
    contract = opened.contract
    images = load_labelled(data, root=data_root).seen_by(contract, resolution)
    if not contract.is_known:
        note(f"the images that {network} expects are not known; {data} is fed as it is")
    if contract.class_names and images.classes_by == "order":
        note(f"no class of {data} is named like one of the network; their order counts")
    if resolution:
        note_resized(data, images.split)
    place = device_in_use()
    module = opened.module.to(place).to(memory_format=torch.channels_last)
    result = evaluate_network(
        module,
        images.split,
        place,
        num_classes=images.num_classes,
        processes=joined(),
    )
    note_converted(images.split)
    fed = contract.fed_by(images.split.contract)
    if as_json:
        print_json(
            {
                "network": opened.label,
                "weights": opened.weights,
                "data": data,
                **asdict(result),
                "classes_by": images.classes_by,
                "contract": asdict(fed.without_names()),
            }
        )
        return
    print(
        f"{opened.label} on {data}: top-1 {result.accuracy:.2f} %, "
        f"top-5 {result.top5:.2f} %, loss {result.loss:.4f} ({result.images} images)"
    )
    print(f"images: {fed}; classes matched by {images.classes_by}")
