"""`rexpand search export`: the network of a trial as a file, trained if asked."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rexpand.cli.console import count, print_json
from rexpand.cli.device import Device, use_device
from rexpand.cli.numbers import number
from rexpand.cli.objective_options import Objectives, names_of
from rexpand.cli.options import DataRoot, Epochs, Json
from rexpand.cli.places import output_file
from rexpand.cli.search_study import Study
from rexpand.cli.search_winner import Trained, Winner, open_detector, open_network
from rexpand.ranges import TRIAL

if TYPE_CHECKING:
    from rexpand.spec import NetworkSpec


class Which(StrEnum):
    """The trials that have names."""

    BEST = "best"
    KNEE = "knee"


def export(
    study: Study,
    out: Annotated[
        Path, output_file("--out", help="Write the spec to this file.")
    ] = Path("net.toml"),
    trial: Annotated[
        int | None,
        number(TRIAL, "--trial", help="The number of a trial (default: see --which)."),
    ] = None,
    which: Annotated[
        Which,
        typer.Option(
            "--which",
            help="The most accurate trial, or that at the knee of the front of "
            "--objectives.",
        ),
    ] = Which.BEST,
    objectives: Objectives = None,
    retrain: Annotated[
        str | None,
        typer.Option(
            "--retrain",
            metavar="RECIPE",
            help="Also train it from fresh weights by this recipe, without the study's "
            "--train-subset, into STUDY/winner.",
        ),
    ] = None,
    epochs: Epochs = None,
    data_root: DataRoot = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Write the spec of the best trial or of another; train it if asked."""
    from rexpand.memory import keep_freed_memory
    from rexpand.records import write_atomic
    from rexpand.search.winner import knee_of, winner
    from rexpand.spec import network_to_toml

    keep_freed_memory()
    use_device(device)
    if trial is None and which is Which.KNEE:
        trial = knee_of(study, names_of(objectives))
    design, spec = winner(study, trial)
    folder = study / "winner"
    open_winner = open_network if design.detector is None else open_detector
    found = open_winner(design, spec, retrain, epochs, data_root)
    write_atomic(out, network_to_toml(spec))
    if not as_json:
        print(f"wrote {out}: {_shown(spec, found)}{found.of}")
    trained = found.train(folder) if found.train else None
    if as_json:
        print_json(_document(out, spec, found, trained, folder))
    elif trained is not None:
        print(f"{trained.said}; wrote {folder}")
    elif command := found.command(out):
        print(f"to train it: {command}")


def _document(
    file: Path,
    spec: "NetworkSpec",
    found: "Winner",
    trained: "Trained | None",
    folder: Path,
) -> dict[str, Any]:
    """What `--json` prints: the spec, and the training where there was one."""
    from rexpand.spec import network_to_dict

    result = {**trained.document, "folder": str(folder)} if trained else {}
    return {
        "spec": network_to_dict(spec),
        "params": found.params,
        "macs": found.macs,
        **found.document,
        "file": str(file),
        **result,
    }


def _shown(spec: "NetworkSpec", found: "Winner") -> str:
    """Channels and cost."""
    return (
        f"{'-'.join(map(str, spec.channels))}, params {count(found.params)}, macs "
        f"{count(found.macs)}"
    )
