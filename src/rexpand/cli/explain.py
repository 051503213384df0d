"""`rexpand explain`: what a file says of itself; of a checkpoint without torch."""

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
            metavar="FILE",
            help="A checkpoint (.safetensors or hf:OWNER/NAME), or a file of `rexpand "
            "export`: .onnx, .xml, .pt2, .pt.",
        ),
    ],
    as_json: Json = False,
) -> None:
    """What a checkpoint or an exported file says of itself.

    The network, how its images are fed, and how it was trained. Of a checkpoint only
    the header is read, not the weights; the recipe is printed as a file that --recipe
    takes. Of an exported file its operators are counted.
    """
    from rexpand.codec import to_content
    from rexpand.cost import cost_of
    from rexpand.errors import CheckpointError
    from rexpand.recipe import recipe_to_toml
    from rexpand.records import read_passport
    from rexpand.spec import (
        hub_file,
        is_exported,
        network_to_dict,
        read_contract,
        read_network,
    )

    if is_exported(file):
        _explain_exported(file, as_json)
        return
    if str(file).startswith("hf:"):
        file = hub_file(str(file).removeprefix("hf:"))
    if file.suffix != ".safetensors":
        raise CheckpointError(
            f"{file} is no checkpoint; give a .safetensors file, or an exported one"
        )
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


def _explain_exported(file: Path, as_json: bool) -> None:
    from rexpand.codec import to_content
    from rexpand.deploy import open_exported, operators_of

    found = open_exported(file)
    properties = found.properties
    operators = operators_of(file)
    if as_json:
        print_json(
            {
                "format": found.format,
                "network": properties.network,
                "precision": properties.precision,
                "contract": to_content(found.contract),
                "has_preprocessing": properties.has_preprocessing,
                "has_softmax": properties.has_softmax,
                "operators": dict(operators.most_common()),
            }
        )
        return
    names = found.class_names
    most = ", ".join(f"{count} {kind}" for kind, count in operators.most_common(5))
    rows = {
        "network": properties.network or "not said",
        "format": found.format,
        "precision": properties.precision or "not said",
        "images": str(found.contract),
        "takes": "bytes, normalised inside"
        if properties.has_preprocessing
        else "normalised float32",
        "gives": "probabilities" if properties.has_softmax else "scores",
        "classes": f"{len(names):,}, from {names[0]}" if names else "not said",
        "operators": f"{operators.total():,}: {most}",
    }
    for name, value in rows.items():
        print(f"{name:10} {value}")


def _network(spec: "NetworkSpec") -> dict[str, str]:
    return {
        "network": f"{spec.name}, of the family {spec.family}",
        "channels": "-".join(map(str, spec.channels)),
        "input": " x ".join(map(str, spec.image)),
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
