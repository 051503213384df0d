"""What is timed against each other: networks under runtimes, and exported files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from rexpand.deploy import ExportedNetwork, open_exported
from rexpand.errors import MistakeError
from rexpand.latency.rounds import Call
from rexpand.latency.runtimes import find_runtime
from rexpand.models import check_runs, open_source
from rexpand.size import Resolution
from rexpand.spec import EXPORT_FORMATS, ExportPrecision, Image, Source, is_exported
from rexpand.trace import measure
from rexpand.trace.foreign import foreign_code


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A network in one way to run it; `network` is a NETWORK or an exported file.

    A file has a runtime and a precision of its own: `runtime` is then empty.
    """

    network: str
    runtime: str = ""
    precision: ExportPrecision = "fp32"
    device: str = "cpu"
    resolution: Resolution | None = None
    batch_size: int = 1

    def __str__(self) -> str:
        return f"{self.network} under {self.runtime}" if self.runtime else self.network


@dataclass(frozen=True, kw_only=True, eq=False)
class Ready:
    """A contestant that has run once, and what it says of itself.

    `image` is (channels, height, width); `params` and `macs` are None for a file.
    """

    call: Call
    runtime: str
    precision: str
    image: Image
    params: int | None = None
    macs: int | None = None


def is_file(network: str) -> bool:
    """Whether a network is an exported file, by its name."""
    return is_exported(Path(network))


def check(contestant: Contestant) -> None:
    """Raise MistakeError for one whose name or runtime is a mistake, before any work."""
    if is_file(contestant.network):
        if contestant.device != "cpu":
            raise MistakeError(
                f"{contestant.network} is an exported file, which runs on the CPU, not on "
                f"{contestant.device}; give the network that it was made of"
            )
        open_exported(contestant.network)
        return
    Source.parse(contestant.network)
    find_runtime(contestant.runtime, contestant.precision, contestant.device)


def prepared(contestant: Contestant) -> Ready:
    """Make a contestant ready to be timed, on random images.

    Raises MistakeError for a network that cannot be opened, does not run on such
    images, or cannot be written for the runtime.
    """
    generator = np.random.default_rng(0)
    if is_file(contestant.network):
        return _file(contestant, open_exported(contestant.network), generator)
    runtime = find_runtime(contestant.runtime, contestant.precision, contestant.device)
    torch.manual_seed(0)  # of weights that no file gives
    opened = open_source(Source.parse(contestant.network))
    contract = opened.contract.at(contestant.resolution)
    image, batch_size = contract.image, contestant.batch_size
    check_runs(opened.module, images=batch_size, resolution=contract.resolution)
    cost = measure(opened.module, image)
    shape = (batch_size, *image)
    images = torch.from_numpy(generator.standard_normal(shape, np.float32))
    with foreign_code(f"running {contestant}"):
        call = runtime.prepared(opened.module, images)
        call()
    return Ready(
        call=call,
        runtime=runtime.name,
        precision=runtime.precision,
        image=image,
        params=cost.params,
        macs=cost.macs,
    )


def _file(
    contestant: Contestant, found: ExportedNetwork, generator: np.random.Generator
) -> Ready:
    image = found.contract.at(contestant.resolution).image
    channels, height, width = image
    if found.dtype == np.uint8:  # with preprocessing inside
        shape = (contestant.batch_size, height, width, channels)
        images = generator.integers(256, size=shape, dtype=np.uint8)
    else:
        shape = (contestant.batch_size, channels, height, width)
        images = generator.standard_normal(shape, np.float32).astype(found.dtype)
    found.scores(images)
    return Ready(
        call=lambda: found.run(images),
        runtime=EXPORT_FORMATS[found.format].runtime,
        precision=found.precision or "unknown",
        image=image,
    )
