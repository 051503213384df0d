"""A module made fast in torch itself, with the same scores."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from rexpand.deploy.folding import folded
from rexpand.deploy.packing import can_pack, pack
from rexpand.deploy.unrolled import unrolled
from rexpand.models.contracts import image_of


class Optimized(nn.Module):
    """A module for inference: its scores, without gradients.

    Maps images, (batch, channels, height, width) of any batch and size that the module
    takes, to what the module gives. `network` is the module, `run` what it does.
    """

    def __init__(self, network: nn.Module, run: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.network = network
        self.run = run

    def forward(self, images: Tensor) -> Any:
        with torch.no_grad():
            return self.run(images.contiguous(memory_format=torch.channels_last))


def optimized(
    module: nn.Module, image: tuple[int, int, int] | None = None
) -> Optimized:
    """The module with norms folded, weights laid out once, nonlinearities fused.

    optimized(build("rexnet_100"))(images)

    The module stays as it was; the copy does not learn, and takes no other weights.
    `image` is (channels, height, width), by default what the module says of itself: the
    size that it is made for, not the only one that it takes. On a CPU in float32
    convolutions are prepared for oneDNN, and the path through the layers is written out;
    elsewhere, or in another precision, only norms are folded and weights kept in
    channels_last. Scores differ by rounding. Raises
    ForeignCodeError if the module does not run on such an image.
    """
    image = image or image_of(module)
    found = folded(module, image).to(memory_format=torch.channels_last)
    if not can_pack(found):
        return Optimized(found, found.__call__).eval()
    pack(found, image)
    return Optimized(found, unrolled(found, image)).eval()
