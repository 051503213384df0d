"""Where a training run stands: everything that the next epoch depends on.

One safetensors file holds the weights, the momentum and, in its header, the history
and what the run was asked to do; so it is written at once or not at all. Randomness is
no part of it: every epoch seeds itself from the run's seed and its own number.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import Tensor
from torch.optim import SGD

from rexpand.errors import CheckpointError
from rexpand.models import Network
from rexpand.models.checkpoint import contiguous, read_tensors
from rexpand.records import Epoch, write_atomic
from rexpand.spec import read_header

_WEIGHT, _MOMENTUM = "weight.", "momentum."


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """The epochs that are done, and the seconds that they took."""

    epochs: tuple[Epoch, ...] = ()
    seconds: float = 0.0


def save_state(
    path: Path,
    network: Network,
    optimizer: SGD,
    task: Mapping[str, Any],
    done: Progressed,
) -> None:
    """Write the state of `task` after an epoch."""
    tensors = _prefixed(_WEIGHT, network.state_dict())
    tensors |= _prefixed(_MOMENTUM, _momentum(network, optimizer))
    header = {"task": json.dumps(task), "done": json.dumps(asdict(done))}
    write_atomic(path, save(contiguous(tensors), header))


def load_state(
    path: Path, network: Network, optimizer: SGD, task: Mapping[str, Any]
) -> Progressed:
    """Put a state back; nothing done if there is no file.

    Raises CheckpointError if the file is truncated or another task's.
    """
    if not path.exists():
        return Progressed()
    header = read_header(path)
    _check_task(
        path, json.loads(header.get("task", "{}")), json.loads(json.dumps(task))
    )
    tensors = read_tensors(path)
    network.load_state_dict(_without(_WEIGHT, tensors))
    _restore_momentum(network, optimizer, _without(_MOMENTUM, tensors))
    done = json.loads(header["done"])
    epochs = tuple(map(Epoch.from_dict, done["epochs"]))
    return Progressed(epochs=epochs, seconds=done["seconds"])


def _check_task(path: Path, saved: Any, asked: Any) -> None:
    if saved == asked:
        return
    changed = [key for key in asked if saved.get(key) != asked[key]]
    raise CheckpointError(
        f"{path} was made with other settings ({', '.join(changed)}); "
        "give the same settings to resume, or another folder to start anew"
    )


def _momentum(network: Network, optimizer: SGD) -> dict[str, Tensor]:
    return {
        name: optimizer.state[parameter]["momentum_buffer"]
        for name, parameter in network.named_parameters()
        if optimizer.state[parameter].get("momentum_buffer") is not None
    }


def _restore_momentum(
    network: Network, optimizer: SGD, buffers: Mapping[str, Tensor]
) -> None:
    for name, parameter in network.named_parameters():
        if name in buffers:
            # Same memory order as the parameter: the fused step adds them elementwise.
            buffer = parameter.detach().clone().copy_(buffers[name])
            optimizer.state[parameter]["momentum_buffer"] = buffer


def _prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {prefix + name: tensor for name, tensor in tensors.items()}


def _without(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
