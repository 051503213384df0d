"""Weights in files: safetensors with the spec in the header; no code in them is run."""

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load, save
from torch import Tensor

from rexpand.codec import to_line
from rexpand.documents import read_bytes, read_header
from rexpand.documents.arrays import unpacking
from rexpand.errors import CheckpointError
from rexpand.models.network import Network, build
from rexpand.records import PASSPORT, Passport, write_atomic
from rexpand.spec import (
    ImageContract,
    NetworkSpec,
    SpecLike,
    as_spec,
    network_to_dict,
    read_network,
)

_LARGEST_WEIGHTS = 16 * 2**30  # bytes; four billion float32


def save_network(
    network: Network,
    path: str | Path,
    contract: ImageContract | None = None,
    passport: Passport | None = None,
) -> None:
    """Write weights, spec and, where they are known, image contract and passport.

    The old file stays until the new one is complete.
    """
    path = Path(path)
    header = {"spec": json.dumps(network_to_dict(network.spec))}
    if contract is not None:
        header["contract"] = to_line(contract)
    if passport is not None:
        header[PASSPORT] = to_line(passport)
    write_atomic(path, to_bytes(network.state_dict(), header))


def load_network(path: str | Path, spec: SpecLike | None = None) -> Network:
    """The network of a checkpoint; with `spec`, it must be that one.

    Raises CheckpointError if the file is truncated or holds another network.
    """
    path = Path(path)
    saved = read_network(path)
    spec = saved if spec is None else as_spec(spec)
    if spec != saved:
        way_out = "give the network it was saved from"
        if spec == saved.with_classes(spec.num_classes):
            way_out = (
                "with_new_classifier(load_network(path), num_classes) keeps the rest"
            )
        raise CheckpointError(
            f"{path} holds {_named(saved)}, not {_named(spec)}; {way_out}"
        )
    return load_checkpoint(path, saved)


def load_checkpoint(path: Path, spec: NetworkSpec) -> Network:
    """The network of a spec with the tensors of a checkpoint.

    Raises CheckpointError if they belong to another network.
    """
    network = build(spec)
    try:
        network.load_state_dict(read_tensors(path))
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        whose = "its own spec" if spec == read_network(path) else _named(spec)
        raise CheckpointError(f"{path} does not fit {whose}: {reason}") from None
    return network


def _named(spec: NetworkSpec) -> str:
    channels = "-".join(str(width) for width in spec.channels)
    return f"{spec.name} ({channels}, {spec.num_classes} classes)"


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file, after a check that it is complete."""
    read_header(path)
    content = read_bytes(path, CheckpointError, _LARGEST_WEIGHTS)
    with unpacking(path, CheckpointError):
        return load(content)


def to_bytes(state: Mapping[str, Tensor], header: Mapping[str, str]) -> bytes:
    """A safetensors file: the same tensors and header give the same bytes.

    The library itself writes the texts of the header in a random order.
    """
    written = save(_contiguous(state))
    length = int.from_bytes(written[:8], "little")
    table = {"__metadata__": dict(header), **json.loads(written[8 : 8 + length])}
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of 8 bytes
    return len(text).to_bytes(8, "little") + text + written[8 + length :]


def _contiguous(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in contiguous order of memory, as safetensors needs them."""
    return {
        name: tensor.detach().cpu().contiguous(memory_format=torch.contiguous_format)
        for name, tensor in state.items()
    }
