"""`rexpand evaluate`: a trained network on a data set."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rexpand.cli.console import print_json
from rexpand.cli.options import Data, DataRoot, Json


def evaluate(
    checkpoint: Annotated[Path, typer.Argument(help="A network.safetensors of ours.")],
    data: Data = "digits",
    data_root: DataRoot = None,
    as_json: Json = False,
) -> None:
    """Top-1, top-5 and loss of a checkpoint."""
    import torch

    from rexpand.data.load import load
    from rexpand.models import load_network
    from rexpand.train import check_fits
    from rexpand.train import evaluate as evaluate_network

    network = load_network(checkpoint)
    dataset = load(data, root=data_root, resolution=network.spec.resolution)
    check_fits(network.spec, dataset, str(checkpoint))
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device).to(memory_format=torch.channels_last)
    result = evaluate_network(network, dataset.test, device)
    if as_json:
        print_json({"network": network.spec.name, "data": data, **asdict(result)})
        return
    print(
        f"{network.spec.name} on {data}: top-1 {result.accuracy:.2f} %, "
        f"top-5 {result.top5:.2f} %, loss {result.loss:.4f} ({result.images} images)"
    )
