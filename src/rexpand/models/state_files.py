"""State dicts in files of three formats: safetensors, torch's own, numpy's .npz.

No code in a file is run: torch's files are read with `weights_only`, numpy's without
pickles.
"""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from rexpand.documents import opened
from rexpand.documents.arrays import check_unpacked, read_arrays, unpacking
from rexpand.errors import CheckpointError, quoted
from rexpand.models.checkpoint import read_tensors

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
    match path.suffix:
        case ".safetensors":
            return read_tensors(path)
        case ".npz":
            return _read_npz(path)
        case _:
            return _read_torch(path)


def _read_npz(path: Path) -> dict[str, Tensor]:
    arrays = read_arrays(path, CheckpointError)
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            raise CheckpointError(f"{path}: {name} is of {array.dtype}, no numbers")
    return {
        name: torch.from_numpy(array.astype(array.dtype.newbyteorder("=")))
        for name, array in arrays.items()
    }


def _read_torch(path: Path) -> dict[str, Tensor]:
    with opened(path, CheckpointError) as (file, _), unpacking(path, CheckpointError):
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                check_unpacked(archive)
        file.seek(0)
        content = torch.load(file, map_location="cpu", weights_only=True)
    state = content.get("state_dict", content) if isinstance(content, dict) else {}
    named = state.items() if isinstance(state, dict) else ()
    tensors = {name: each for name, each in named if isinstance(each, Tensor)}
    if not tensors:
        raise CheckpointError(f"{path} holds no tensors by name; give a state dict")
    for name, tensor in tensors.items():
        _check_plain(path, name, tensor)
    return tensors


def _check_plain(path: Path, name: object, tensor: Tensor) -> None:
    """Raise CheckpointError unless a tensor has a name and lies there as numbers."""
    if not isinstance(name, str):
        raise CheckpointError(
            f"{path} has a tensor under {quoted(name)}; give a state dict, with names"
        )
    is_plain = (
        tensor.layout is torch.strided
        and not (tensor.is_nested or tensor.is_quantized or tensor.is_complex())
        and not tensor.is_meta
    )
    # A view that repeats its elements may claim any size.
    if not is_plain or tensor.nbytes > tensor.untyped_storage().nbytes():
        raise CheckpointError(
            f"{path}: tensor {name} is sparse, quantised or otherwise not plain numbers; "
            "give the weights as dense tensors"
        )
