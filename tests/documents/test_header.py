"""The header of a checkpoint says the truth, or is refused before a tensor is read."""

import json
from pathlib import Path
from typing import Any

import pytest

from rexpand.documents import read_header
from rexpand.errors import CheckpointError


def written(path: Path, header: Any, data: bytes = b"\0" * 16) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def entry(begin: int, end: int, shape: list[int], dtype: str = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


GOOD = {
    "__metadata__": {"spec": "{}"},
    "a": entry(0, 8, [2]),
    "b": entry(8, 16, [2, 1]),
}


def test_a_header_gives_texts_and_tensors(tmp_path: Path) -> None:
    header = read_header(written(tmp_path / "net.safetensors", GOOD))

    assert header.texts == {"spec": "{}"}
    assert {name: each.shape for name, each in header.tensors.items()} == {
        "a": (2,),
        "b": (2, 1),
    }


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ([], "begins with no header"),
        (None, "begins with no header"),
        (b"\xff", "begins with no header"),
        (b'{"a": "\xff"}', "not UTF-8"),
        (b'{"a": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1', "not valid JSON"),
        ({}, "holds no tensors"),
        (GOOD | {"__metadata__": []}, "__metadata__ is not a table"),
        (GOOD | {"__metadata__": None}, "__metadata__ is not a table"),
        (GOOD | {"__metadata__": 3}, "__metadata__ is not a table"),
        (GOOD | {"__metadata__": {"spec": 3}}, "__metadata__.spec is 3; give a text"),
        (GOOD | {"a": 3}, "tensors.a is not a table"),
        (GOOD | {"a": {}}, "missing key tensors.a.dtype"),
        (GOOD | {"a": entry(0, 8, [2], "F7")}, "dtype 'F7' is unknown"),
        (GOOD | {"a": entry(0, 8, [-2])}, "negative"),
        (GOOD | {"a": entry(-8, 0, [2])}, "bytes -8 to 0"),
        (GOOD | {"a": entry(8, 0, [2])}, "bytes 8 to 0"),
        (GOOD | {"a": entry(0, 8, [3])}, "are not the 12 of shape"),
        (GOOD | {"a": entry(0, 8, [10**9, 10**9])}, "are not the 4000000000000000000"),
        (GOOD | {"b": entry(4, 12, [2])}, "tensor b begins at byte 4, a ends at 8"),
        (GOOD | {"b": entry(12, 20, [2])}, "tensor b begins at byte 12, a ends at 8"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_header_that_lies_is_refused(
    header: Any, message: str, tmp_path: Path
) -> None:
    path = written(tmp_path / "net.safetensors", header)

    with pytest.raises(CheckpointError) as refused:
        read_header(path)

    # One line that names the file and the tensor.
    assert message in str(refused.value)
    assert str(path) in str(refused.value)


def test_tensors_beyond_the_end_of_the_file_are_missing(tmp_path: Path) -> None:
    path = written(tmp_path / "net.safetensors", GOOD, b"\0" * 10)

    with pytest.raises(CheckpointError, match="truncated: 6 bytes are missing"):
        read_header(path)


@pytest.mark.parametrize("content", [b"", b"\0", b"\xff" * 8, b"\xff" * 7 + b"\0{}"])
def test_a_file_of_a_few_bytes_is_no_checkpoint(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "net.safetensors").write_bytes(content)

    with pytest.raises(CheckpointError, match="is not a safetensors checkpoint"):
        read_header(tmp_path / "net.safetensors")
