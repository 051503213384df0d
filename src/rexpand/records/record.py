"""The JSON line that a training run leaves behind."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rexpand.records.machine import Machine

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class BlockRank:
    """The rank of what a block puts out, on the first held-out images.

    `effective_rank` is exp of the entropy of its normalised singular values.
    """

    block: str
    channels: int
    effective_rank: float
    nuclear_norm: float


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """One epoch: mean training loss; accuracy in percent and loss on held-out images.

    `block_ranks` are those of the stem and of every block, where they were watched.
    """

    epoch: int
    loss: float
    accuracy: float
    held_out_loss: float
    learning_rate: float
    images_per_second: float
    block_ranks: tuple[BlockRank, ...] = ()

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "Epoch":
        """An epoch from its JSON object; those of older records had no ranks."""
        ranks = tuple(BlockRank(**rank) for rank in fields.get("block_ranks", ()))
        return cls(**{**fields, "block_ranks": ranks})


@dataclass(frozen=True, kw_only=True)
class Record:
    """One network trained once: what it was, how it was trained, what came out.

    `spec` and `recipe` are the values as JSON objects; `accuracy` is top-1 in percent
    on `evaluated_on` after the last epoch. `nuclear_norm` and `effective_rank` (the
    entropy's) are those of the penultimate features, where they were recorded.
    """

    spec: Mapping[str, Any]
    recipe: Mapping[str, Any]
    data: str
    seed: int
    params: int
    macs: int
    accuracy: float
    loss: float
    evaluated_on: str
    images: int
    epochs: tuple[Epoch, ...]
    stopped_early: bool
    seconds: float
    peak_memory_mb: float
    machine: Machine
    versions: Mapping[str, str]
    nuclear_norm: float | None = None
    effective_rank: float | None = None
    version: int = VERSION

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> "Record":
        """Read a line back; raises ValueError if another version wrote it."""
        fields = json.loads(line)
        if fields.get("version") != VERSION:
            raise ValueError(
                f"record of version {fields.get('version')}; this rexpand reads {VERSION}"
            )
        fields["epochs"] = tuple(map(Epoch.from_dict, fields["epochs"]))
        fields["machine"] = Machine(**fields["machine"])
        return cls(**fields)
