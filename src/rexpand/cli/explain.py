"""`rexpand explain`: what a checkpoint says of itself, without torch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rexpand.cli.console import print_json
from rexpand.cli.options import Json

if TYPE_CHECKING:
    from rexpand.records import Passport
    from rexpand.spec import NetworkSpec


def explain(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A checkpoint: *.safetensors, or hf:OWNER/NAME."
        ),
    ],
    as_json: Json = False,
) -> None:
    """What a checkpoint says of itself.

    The network, how its images are fed, and how it was trained. Only the header is
    read, not the weights. The recipe is printed as a file that --recipe takes.
    """
    from rexpand.codec import to_content
    from rexpand.cost import cost_of
    from rexpand.errors import CheckpointError
    from rexpand.recipe import recipe_to_toml
    from rexpand.records import read_passport
    from rexpand.spec import hub_file, network_to_dict, read_contract, read_network

    if str(file).startswith("hf:"):
        file = hub_file(str(file).removeprefix("hf:"))
    if file.suffix != ".safetensors":
        raise CheckpointError(f"{file} is no checkpoint; give a .safetensors file")
    passport, contract = read_passport(file), read_contract(file)
    spec = read_network(file)
    cost = cost_of(spec)
    if as_json:
        print_json(
            {
                "spec": network_to_dict(spec),
                "params": cost.params,
                "macs": cost.macs,
                "contract": to_content(contract),
                "passport": to_content(passport),
            }
        )
        return
    rows = _network(spec)
    rows["params"] = f"{cost.params:,}"
    rows["macs"] = f"{cost.macs:,} multiply-accumulates per image"
    rows["images"] = str(contract) if contract else "not said"
    if passport is None:
        rows["training"] = "not said"
    else:
        rows |= _training(passport)
    for name, value in rows.items():
        print(f"{name:10} {value}")
    if passport is not None:
        print(f"\n{recipe_to_toml(passport.recipe)}", end="")


def _network(spec: "NetworkSpec") -> dict[str, str]:
    side = spec.resolution
    return {
        "network": f"{spec.name}, of the family {spec.family}",
        "channels": "-".join(map(str, spec.channels)),
        "input": f"{spec.in_channels} x {side} x {side}",
        "classes": f"{spec.num_classes:,}",
    }


def _epochs(count: int) -> str:
    return "epoch" if count == 1 else "epochs"


def _training(passport: "Passport") -> dict[str, str]:
    best = passport.best_epoch
    kept = "" if best is None else f", of which number {best + 1} was the best and kept"
    count = passport.evaluated_images
    judged = f"{'' if count is None else f'{count:,} '}{passport.evaluated_on} images"
    rows = {
        "data": f"{passport.data}, fingerprint {passport.data_fingerprint}",
        "training": f"{passport.epochs} {_epochs(passport.epochs)} on {passport.images:,} images, seed "
        f"{passport.seed}{kept}",
        "accuracy": f"{passport.accuracy:.2f} % on {judged}, loss {passport.loss:.4f}",
    }
    if passport.started_from is not None:
        rows["started"] = f"from {passport.started_from}"
    versions = (f"{name} {version}" for name, version in passport.versions.items())
    rows["libraries"] = ", ".join(versions)
    return rows
