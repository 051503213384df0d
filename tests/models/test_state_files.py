"""Weights come from files of any make, whole or not at all."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from rexpand.errors import CheckpointError
from rexpand.models import load_weights, read_state

State = dict[str, Tensor]


def as_npz(state: State, path: Path) -> None:
    np.savez(path, **{name: tensor.numpy() for name, tensor in state.items()})


def as_torch(state: State, path: Path) -> None:
    torch.save(state, path)


def as_nested(state: State, path: Path) -> None:
    torch.save({"epoch": 3, "state_dict": state}, path)


def module() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))


@pytest.mark.parametrize(
    ("write", "name"),
    [(save_file, "w.safetensors"), (as_npz, "w.npz"), (as_torch, "w.pth"),
     (as_nested, "w.pt")],
    ids=["safetensors", "npz", "pth", "nested"],
)  # fmt: skip
def test_weights_come_back_as_they_were_written(
    write: Callable[[State, Path], None], name: str, tmp_path: Path
) -> None:
    source, target = module(), module()
    write(source.state_dict(), tmp_path / name)

    load_weights(target, tmp_path / name)

    for ours, theirs in zip(
        target.state_dict().values(), source.state_dict().values(), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_counts_of_batches_may_be_missing(tmp_path: Path) -> None:
    state = module().state_dict()
    del state["1.num_batches_tracked"]
    as_npz(state, tmp_path / "w.npz")

    load_weights(module(), tmp_path / "w.npz")


def test_another_networks_weights_are_refused(tmp_path: Path) -> None:
    as_torch(nn.Conv2d(3, 4, 1).state_dict(), tmp_path / "w.pth")

    with pytest.raises(CheckpointError, match="only in the network"):
        load_weights(module(), tmp_path / "w.pth")


def test_another_width_is_refused(tmp_path: Path) -> None:
    wide = nn.Sequential(nn.Conv2d(3, 8, 1), nn.BatchNorm2d(8))
    as_torch(wide.state_dict(), tmp_path / "w.pth")

    with pytest.raises(CheckpointError, match=r"0\.weight with shape \(8, 3, 1, 1\)"):
        load_weights(module(), tmp_path / "w.pth")


@pytest.mark.parametrize("name", ["w.npz", "w.pth", "w.safetensors"])
def test_a_truncated_file_is_said_to_be_corrupt(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04 and no more")

    with pytest.raises(CheckpointError, match=name.replace(".", r"\.")):
        read_state(tmp_path / name)


def test_code_in_a_file_is_never_run(tmp_path: Path) -> None:
    torch.save({"weight": print}, tmp_path / "w.pth")

    with pytest.raises(CheckpointError, match="corrupt"):
        read_state(tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("w.bin", "is not a file of weights"), ("w.npz", "there is no file")],
)
def test_what_is_no_file_of_weights_is_refused(name: str, reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        read_state(Path(name))
