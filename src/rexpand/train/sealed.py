"""Tensors and texts in one file that can tell whether it is whole.

A safetensors file of ours whose header holds a hash: SHA-256 of the texts and of every
tensor with its name, type and shape.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from rexpand.documents import read_header
from rexpand.errors import CheckpointError
from rexpand.models.checkpoint import read_tensors, to_bytes

_HASH = "hash"  # its name in the header


@dataclass(frozen=True, kw_only=True, eq=False)
class Content:
    """What a file holds: texts and tensors by name, the tensors on the CPU."""

    texts: Mapping[str, str]
    tensors: Mapping[str, Tensor]


def sealed(content: Content) -> bytes:
    """The bytes of a file with its hash."""
    tensors = {name: _at_rest(each) for name, each in content.tensors.items()}
    still = Content(texts=content.texts, tensors=tensors)
    return to_bytes(tensors, {**content.texts, _HASH: _hash_of(still)})


def read_sealed(path: Path) -> Content:
    """The content of a file; CheckpointError for one that is not as it was written."""
    texts = dict(read_header(path).texts)
    content = Content(texts=texts, tensors=read_tensors(path))
    expected = texts.pop(_HASH, None)
    if expected is None:
        raise CheckpointError(f"{path} has no hash: an older rexpand made it")
    if expected != _hash_of(content):
        raise CheckpointError(f"{path} is damaged: it does not match its hash")
    return content


def _hash_of(content: Content) -> str:
    digest = hashlib.sha256()
    for name, text in sorted(content.texts.items()):
        digest.update(repr((name, text)).encode())
    for name, tensor in sorted(content.tensors.items()):
        digest.update(repr((name, str(tensor.dtype), tuple(tensor.shape))).encode())
        digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _at_rest(tensor: Tensor) -> Tensor:
    """A tensor on the CPU, in the order of memory that a file has."""
    return tensor.detach().cpu().contiguous(memory_format=torch.contiguous_format)
