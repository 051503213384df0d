"""What is published: a checkpoint, what is known of it, and who may use it how."""

import re
from dataclasses import dataclass
from pathlib import Path

from rexpand.errors import CheckpointError, SpecError, quoted
from rexpand.records import Passport, Record, read_passport, read_record
from rexpand.records.record import RECORD, WEIGHTS
from rexpand.spec import (
    ImageContract,
    NetworkSpec,
    check_hub_name,
    read_contract,
    read_network,
)

ONNX = "network.onnx"
_LICENSE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}")


@dataclass(frozen=True, kw_only=True)
class Publication:
    """A checkpoint as the repository `OWNER/NAME`, under a license of the hub's list.

    `accuracies` are those of every seed that was trained alike, this one's among them, in
    percent; `onnx` is an export that goes along.
    """

    repository: str
    license: str
    weights: Path
    spec: NetworkSpec
    contract: ImageContract | None
    passport: Passport | None
    accuracies: tuple[float, ...] = ()
    onnx: Path | None = None


def publication(
    path: str | Path, repository: str, *, license: str, onnx: str | Path | None = None
) -> Publication:
    """The publication of a checkpoint, or of the folder of a training.

    Of a training of several seeds the first is published, and the accuracies of all are
    told. Raises CheckpointError where there is no checkpoint, SpecError for a repository
    or a license that is none.
    """
    check_hub_name(repository)
    if "@" in repository:
        raise SpecError(f"{repository} names a revision; push to OWNER/NAME")
    if not _LICENSE.fullmatch(license):
        raise SpecError(
            f"license {quoted(license)} is no name of a license; give one of the hub's "
            "list, such as mit, apache-2.0 or cc-by-nc-4.0"
        )
    weights, records = _found(Path(path))
    if onnx is not None and not Path(onnx).is_file():
        raise CheckpointError(f"{onnx} is no file; export the network first")
    return Publication(
        repository=repository,
        license=license,
        weights=weights,
        spec=read_network(weights),
        contract=read_contract(weights),
        passport=read_passport(weights),
        accuracies=tuple(record.accuracy for record in records),
        onnx=None if onnx is None else Path(onnx),
    )


def _found(path: Path) -> tuple[Path, list[Record]]:
    """The checkpoint, and the records of all seeds that are finished."""
    if not path.is_dir():
        if path.suffix != ".safetensors":
            raise CheckpointError(
                f"{path} is no checkpoint; give a .safetensors file or the folder of a "
                "training"
            )
        return path, []
    if (path / WEIGHTS).is_file():
        folders = [path]
    else:
        folders = sorted(each.parent for each in path.glob(f"seed-*/{WEIGHTS}"))
    if not folders:
        raise CheckpointError(
            f"{path} holds no {WEIGHTS}; give the folder of a finished training"
        )
    records = [folder / RECORD for folder in folders]
    known = [read_record(Record, each) for each in records if each.is_file()]
    return folders[0] / WEIGHTS, known
