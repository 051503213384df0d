"""State dicts in files of any make: safetensors, torch's own, numpy's .npz.

No code in a file is ever run: torch's files are read with `weights_only`, numpy's
without pickles.
"""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from rexpand.errors import CheckpointError
from rexpand.models.checkpoint import read_tensors

# What numpy and torch raise at a file that is cut short or something else.
_CORRUPT = (
    *(ValueError, OSError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, pickle.UnpicklingError),
)
_SUFFIXES = (".safetensors", ".pth", ".pt", ".npz")


def load_weights(module: nn.Module, path: Path) -> None:
    """Put the tensors of a file into a module under the names that they have.

    Raises CheckpointError unless every tensor of the module is there in its shape;
    counts of batches that norms have seen may be missing.
    """
    put_state(module, read_state(path), path)


def put_state(
    module: nn.Module, state: Mapping[str, Tensor], origin: Path | str
) -> None:
    """Put tensors by the names of a module; raises as `load_weights`, naming `origin`."""
    own = module.state_dict()
    for name in sorted(own.keys() ^ state.keys()):
        if name.endswith("num_batches_tracked"):
            continue
        where = "network" if name in own else "file"
        raise CheckpointError(
            f"tensor {name} is in the {where} alone; give the weights of this network, "
            f"{origin} holds others"
        )
    for name, tensor in state.items():
        if name in own and tensor.shape != own[name].shape:
            raise CheckpointError(
                f"{origin} has {name} in shape {tuple(tensor.shape)}, the network in "
                f"{tuple(own[name].shape)}; give the weights of this network"
            )
    module.load_state_dict({name: state[name] for name in own if name in state}, False)


def read_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a file; CheckpointError if it is missing, corrupt or of no such kind."""
    if path.suffix not in _SUFFIXES:
        raise CheckpointError(
            f"{path} is no file of weights; give one of {', '.join(_SUFFIXES)}"
        )
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}")
    if path.suffix == ".safetensors":
        return read_tensors(path)
    try:
        return _read_npz(path) if path.suffix == ".npz" else _read_torch(path)
    except CheckpointError:
        raise
    except _CORRUPT:
        raise CheckpointError(f"{path} is corrupt; give the original file") from None


def _read_npz(path: Path) -> dict[str, Tensor]:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return {name: torch.from_numpy(archive[name]) for name in archive.files}


def _read_torch(path: Path) -> dict[str, Tensor]:
    content = torch.load(path, map_location="cpu", weights_only=True)
    state = content.get("state_dict", content) if isinstance(content, dict) else {}
    tensors = {k: v for k, v in state.items() if isinstance(v, Tensor)}
    if not tensors:
        raise CheckpointError(f"{path} holds no tensors by name; give a state dict")
    return tensors
