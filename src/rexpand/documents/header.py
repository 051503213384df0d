"""The header of a safetensors file, checked before a tensor is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

from rexpand.codec import from_content
from rexpand.documents.opening import opened
from rexpand.documents.parsing import parsed_json
from rexpand.errors import CheckpointError

_LARGEST_HEADER = 100_000_000  # bytes; the limit of the safetensors format
_METADATA = "__metadata__"
# Bits of an element, by the format's names.
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}


@dataclass(frozen=True, kw_only=True)
class TensorEntry:
    """A tensor as the header declares it; offsets are bytes after the header."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]

    def __post_init__(self) -> None:
        if self.dtype not in _BITS:
            raise ValueError(f"dtype '{self.dtype}' is unknown")
        if any(side < 0 for side in self.shape):
            raise ValueError(f"shape {self.shape} is negative")
        begin, end = self.data_offsets
        needed = prod(self.shape) * _BITS[self.dtype] // 8
        if begin < 0 or end - begin != needed:
            raise ValueError(
                f"bytes {begin} to {end} are not the {needed} of shape {self.shape}"
            )


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a safetensors file says of itself: texts by name, and its tensors."""

    texts: Mapping[str, str]
    tensors: Mapping[str, TensorEntry]


def read_header(path: Path) -> Header:
    """The header of a safetensors file, read without its tensors and without torch.

    Raises CheckpointError if it is no safetensors file, if its tensors do not lie one
    after the other and fill the file.
    """
    with opened(path, CheckpointError) as (file, size):
        length = int.from_bytes(file.read(8), "little")
        text = file.read(length) if length < min(size, _LARGEST_HEADER) else b""
    try:
        header = _header(text)
        end = _end(header.tensors)
    except ValueError as problem:
        raise CheckpointError(
            f"{path} is not a safetensors checkpoint: {problem}"
        ) from None
    missing = 8 + length + end - size
    if missing > 0:
        raise CheckpointError(
            f"{path} is truncated: {missing} bytes are missing; use an older checkpoint"
        )
    if missing < 0:
        raise CheckpointError(
            f"{path} is damaged: {-missing} bytes follow its last tensor; copy it again"
        )
    return header


def _header(text: bytes) -> Header:
    if not text.startswith(b"{"):
        raise ValueError("it begins with no header")
    try:
        content: Any = parsed_json(text.decode("utf-8"))
    except UnicodeDecodeError:
        raise ValueError("its header is not UTF-8 text") from None
    texts = content.pop(_METADATA, {})
    return Header(
        texts=from_content(Mapping[str, str], texts, _METADATA),  # type: ignore[type-abstract]
        tensors=from_content(Mapping[str, TensorEntry], content, "tensors"),  # type: ignore[type-abstract]
    )


def _end(tensors: Mapping[str, TensorEntry]) -> int:
    """Bytes of all tensors; ValueError unless each begins where another ends."""
    spans = sorted((entry.data_offsets, name) for name, entry in tensors.items())
    if not spans:
        raise ValueError("it holds no tensors")
    for ((_, end), before), ((begin, _), name) in pairwise(
        [((0, 0), "the header"), *spans]
    ):
        if begin != end:
            raise ValueError(
                f"tensor {name} begins at byte {begin}, {before} ends at {end}"
            )
    return spans[-1][0][1]
