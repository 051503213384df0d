"""State dicts in files of three formats: safetensors, torch's own, numpy's .npz.

No code in a file is run: torch's files are read with `weights_only`, numpy's without
pickles.
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

# What numpy and torch raise for a file that is truncated or of another format.
_CORRUPT = (
    *(ValueError, OSError, EOFError, RuntimeError),
    *(zipfile.BadZipFile, pickle.UnpicklingError),
)
_SUFFIXES = (".safetensors", ".pth", ".pt", ".npz")


def load_weights(module: nn.Module, path: str | Path) -> None:
    """Load the tensors of a file into a module, by their names.

    Raises CheckpointError unless every tensor of the module is there with its shape;
    only `num_batches_tracked` of batch norms may be missing.
    """
    path = Path(path)
    put_state(module, read_state(path), path)


def put_state(
    module: nn.Module, state: Mapping[str, Tensor], origin: Path | str
) -> None:
    """Load tensors by name; raises as `load_weights` does, naming `origin`."""
    own = module.state_dict()
    for name in sorted(own.keys() ^ state.keys()):
        if name.endswith("num_batches_tracked"):
            continue
        where = "network" if name in own else "file"
        raise CheckpointError(
            f"tensor {name} is only in the {where}; give the weights of this network, "
            f"{origin} holds others"
        )
    for name, tensor in state.items():
        if name in own and tensor.shape != own[name].shape:
            raise CheckpointError(
                f"{origin} has {name} with shape {tuple(tensor.shape)}, the network "
                f"with {tuple(own[name].shape)}; give the weights of this network"
            )
    module.load_state_dict({name: state[name] for name in own if name in state}, False)


def read_state(path: str | Path) -> dict[str, Tensor]:
    """The tensors of a file; CheckpointError if missing, corrupt or of another kind."""
    path = Path(path)
    if path.suffix not in _SUFFIXES:
        raise CheckpointError(
            f"{path} is not a file of weights; give one of {', '.join(_SUFFIXES)}"
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
