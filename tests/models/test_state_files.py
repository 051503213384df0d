"""Weights come from files of any make, whole or not at all."""

import io
import os
import warnings
import zipfile
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

    with pytest.raises(CheckpointError, match="cannot be read"):
        read_state(tmp_path / "w.pth")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("w.bin", "is not a file of weights"), ("w.npz", "there is no file")],
)
def test_what_is_no_file_of_weights_is_refused(name: str, reason: str) -> None:
    with pytest.raises(CheckpointError, match=reason):
        read_state(Path(name))


SPARSE = torch.eye(3).to_sparse()
with warnings.catch_warnings(action="ignore"):  # torch will drop them
    QUANTISED = torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.qint8)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({0: torch.ones(3)}, "a tensor under 0"),
        ({"a": torch.ones(3), 1: torch.ones(3)}, "a tensor under 1"),
        ({"a": "text", "b": 3}, "holds no tensors by name"),
        ({"model": {"a": torch.ones(3)}}, "holds no tensors by name"),
        ({"state_dict": [torch.ones(3)]}, "holds no tensors by name"),
        ({"state_dict": 3}, "holds no tensors by name"),
        ([torch.ones(3)], "holds no tensors by name"),
        (torch.ones(3), "holds no tensors by name"),
        (None, "holds no tensors by name"),
        ({"a": SPARSE}, "tensor a is sparse"),
        ({"a": QUANTISED}, "tensor a is sparse, quantised"),
        ({"a": torch.ones(3, dtype=torch.complex64)}, "tensor a is sparse"),
        ({"a": torch.ones(3, device="meta")}, "tensor a is sparse"),
        ({"a": torch.ones(1).expand(10**6, 10**6)}, "tensor a is sparse"),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("ignore")  # what torch says of quantised tensors
def test_what_is_no_state_dict_is_refused(
    content: object, reason: str, tmp_path: Path
) -> None:
    torch.save(content, tmp_path / "w.pth")

    with pytest.raises(CheckpointError, match=reason) as refused:
        load_weights(module(), tmp_path / "w.pth")

    assert "w.pth" in str(refused.value)


def test_a_number_beside_the_tensors_is_left_out(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(3), "epoch": 3}, tmp_path / "w.pth")

    assert list(read_state(tmp_path / "w.pth")) == ["a"]


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.array([{}, 3], dtype=object), "holds Python objects"),
        (np.array(["a", "b"]), "a is of <U1, no numbers"),
        (np.ones(3, dtype=complex), "a is of complex128, no numbers"),
    ],
    ids=["objects", "texts", "complex"],
)
def test_arrays_that_are_no_weights_are_refused(
    array: "np.ndarray", reason: str, tmp_path: Path
) -> None:
    np.savez(tmp_path / "w.npz", a=array)

    with pytest.raises(CheckpointError, match=reason):
        read_state(tmp_path / "w.npz")


def test_numbers_of_another_byte_order_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", a=np.arange(3, dtype=">f4"))

    assert read_state(tmp_path / "w.npz")["a"].tolist() == [0, 1, 2]


def test_an_array_that_claims_terabytes_is_refused_unread(tmp_path: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (10**6, 10**6)}
    )
    with zipfile.ZipFile(tmp_path / "w.npz", "w") as archive:
        archive.writestr("a.npy", header.getvalue())

    with pytest.raises(CheckpointError, match="claims 4,000,000,000,000 bytes"):
        read_state(tmp_path / "w.npz")


@pytest.mark.parametrize("name", ["w.npz", "w.pth"])
def test_an_archive_that_unpacks_without_end_is_refused_packed(
    name: str, tmp_path: Path
) -> None:
    with zipfile.ZipFile(
        tmp_path / name, "w", zipfile.ZIP_DEFLATED, compresslevel=1
    ) as archive:
        archive.writestr("a.npy", bytes(300 * 2**20))

    with pytest.raises(CheckpointError, match="claims to unpack to 314,572,800"):
        read_state(tmp_path / name)


@pytest.mark.parametrize("name", ["w.npz", "w.pth", "w.safetensors"])
def test_a_pipe_holds_no_weights(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)

    with pytest.raises(CheckpointError, match="is a pipe or a device"):
        read_state(tmp_path / name)
