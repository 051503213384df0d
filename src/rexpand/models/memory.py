"""Whether a module can run, before it does."""

from dataclasses import replace

import torch
from torch import nn

from rexpand.cost import bytes_of_pass, bytes_to_run
from rexpand.memory import check_memory, usable_memory
from rexpand.models.network import Network
from rexpand.size import Resolution
from rexpand.trace import trace

# The closed form sees what blocks output, not what is inside; no block of the catalogue
# has maps inside that are so many times as large.
_FAR = 100


def check_runs(module: nn.Module, *, images: int, resolution: Resolution) -> None:
    """Raise SpecError for a network that no memory would hold with so many images.

    One pass on `meta` says what it takes, unless it is far from what there is. Of a
    module without a spec nothing is known before it runs.
    """
    if not isinstance(module, Network):
        return
    spec = replace(module.spec, resolution=resolution)
    if _FAR * bytes_to_run(spec, images) < usable_memory():
        return
    image = torch.empty(1, *spec.image, device="meta")
    graph = trace(module, inputs=(image,))
    check_memory(
        f"{spec.name} on {images} images at {spec.resolution} px",
        bytes_of_pass(graph, images),
        "give a smaller batch, resolution or network",
    )
