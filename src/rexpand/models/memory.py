"""Whether a module can run, before it does."""

from dataclasses import replace

from torch import nn

from rexpand.cost import bytes_to_run
from rexpand.memory import check_memory
from rexpand.models.network import Network


def check_runs(module: nn.Module, *, images: int, resolution: int) -> None:
    """Raise SpecError for a network that no memory would hold with so many images.

    Of a module without a spec nothing is known before it runs.
    """
    if not isinstance(module, Network):
        return
    spec = replace(module.spec, resolution=resolution)
    check_memory(
        f"{spec.name} on {images} images at {resolution} px",
        bytes_to_run(spec, images),
        "give a smaller batch, resolution or network",
    )
