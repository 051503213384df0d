"""Which Ray cluster runs tasks, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from rexpand.allowed import check_fields
from rexpand.errors import MistakeError, quoted
from rexpand.ranges import SECONDS, SHARE_OR_ALL

_ADDRESS = re.compile(r"([A-Za-z0-9._-]{1,253}):([0-9]{1,5})")
_LAST_PORT = 65535


@dataclass(frozen=True, kw_only=True)
class RayCluster:
    """A Ray cluster, and the share of a GPU that each of its workers gets.

    `address` is HOST:PORT of its head, as `ray start --head` prints it. Without one, Ray
    is started on this machine, for as long as it is used, and no other machine is asked.
    `gpu_share` is the whole GPU without one where the cluster has GPUs. It has `patience`
    seconds to answer. Raises MistakeError for another text as address.
    """

    address: str | None = None
    gpu_share: Annotated[float, SHARE_OR_ALL] | None = None
    patience: Annotated[float, SECONDS] = 60.0

    def __post_init__(self) -> None:
        check_fields(self, MistakeError)
        if self.address is not None:
            host_and_port(self.address)

    def __str__(self) -> str:
        return f"Ray at {self.address}" if self.address else "Ray on this machine"


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of an address; MistakeError for a text that is none."""
    found = _ADDRESS.fullmatch(address)
    if not found or not 0 < int(found[2]) <= _LAST_PORT:
        raise MistakeError(
            f"{quoted(address)} is no address of a Ray cluster; give HOST:PORT, e.g. "
            "10.0.0.1:6379, as `ray start --head` prints it"
        )
    return found[1], int(found[2])


def workers_on(resources: Mapping[str, float], cpus: int, gpus: float) -> int:
    """How many workers a node has room for, each with so many CPUs and share of a GPU.

    The share is of one GPU: of 0.3 there is room for three on one, and for six on two.
    """
    by_cpus = int(resources.get("CPU", 0) // cpus)
    if not gpus:
        return by_cpus
    return min(by_cpus, int(resources.get("GPU", 0)) * int(1 / gpus + 1e-9))
